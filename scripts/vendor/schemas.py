"""Schemas without the prose: what a strict check needs and no more.

A schema is walked by its own grammar, so that a property that happens to be
called `description` stays.
"""

# Keywords whose value is a schema, a list of schemas, schemas by name.
ONE = {"additionalProperties", "items", "not"}
MANY = {"allOf", "anyOf", "oneOf"}
NAMED = {"properties"}


def without(schema, keywords):
    """A copy of `schema` that lacks these keywords at every level."""
    if not isinstance(schema, dict):
        return schema
    copy = {}
    for keyword, value in schema.items():
        if keyword in keywords:
            continue
        if keyword in ONE:
            value = without(value, keywords)
        elif keyword in MANY:
            value = [without(each, keywords) for each in value]
        elif keyword in NAMED:
            value = {name: without(each, keywords) for name, each in value.items()}
        copy[keyword] = value
    return copy


def without_status(schema):
    """An object's schema without `status`, which only a cluster writes."""
    copy = {**schema, "properties": {**schema.get("properties", {})}}
    copy["properties"].pop("status", None)
    required = [name for name in schema.get("required", []) if name != "status"]
    copy.pop("required", None)
    if required:
        copy["required"] = required
    return copy


def entries(crds, kinds=None):
    """`{apiVersion, kind, scope, schema}` of every served version of these
    CustomResourceDefinitions; `kinds` limits them, and each must be there.

    CEL rules go as well: nothing here can run them."""
    found = []
    for crd in crds:
        spec = crd["spec"]
        kind = spec["names"]["kind"]
        if kinds is not None and kind not in kinds:
            continue
        for version in filter(lambda version: version["served"], spec["versions"]):
            schema = version["schema"]["openAPIV3Schema"]
            found.append({
                "apiVersion": f"{spec['group']}/{version['name']}",
                "kind": kind,
                "scope": spec["scope"],
                "schema": without(without_status(schema), {"description", "x-kubernetes-validations"}),
            })
    missing = set(kinds or ()) - {entry["kind"] for entry in found}
    if missing:
        raise SystemExit(f"no CustomResourceDefinition of {', '.join(sorted(missing))}")
    return sorted(found, key=lambda entry: (entry["apiVersion"], entry["kind"]))
