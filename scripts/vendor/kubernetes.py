"""Built-in kinds of Kubernetes: `{"definitions": ..., "kinds": ...}`.

Upstream is the OpenAPI v3 of each API group. A kind is what a cluster can be
asked to create at a path without a subresource. The definitions speak the
dialect of CustomResourceDefinitions plus `$ref`, so that one checker reads
both.
"""

import json
import re

import schemas
import toolchain

OUTPUT = "host/data/kubernetes.json.zz"

COLLECTION = re.compile(r"/apis?/.+?(?P<namespaced>/namespaces/\{namespace\})?/[a-z]+")
REFERENCE = "#/components/schemas/"
DROPPED = {
    "description",
    "x-kubernetes-group-version-kind",
    "x-kubernetes-map-type",
    "x-kubernetes-patch-merge-key",
    "x-kubernetes-patch-strategy",
    "x-kubernetes-unions",
}
SCHEMA_PROPS = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"
ANYTHING = {"x-kubernetes-preserve-unknown-fields": True}
ANY_OBJECT = {"type": "object", **ANYTHING}
# Types with a JSON decoder of their own, of which OpenAPI says less or more
# than they accept.
DECODED = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"format": "quantity", "type": ["number", "string"]},
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": ANY_OBJECT,
    "io.k8s.apimachinery.pkg.runtime.RawExtension": ANY_OBJECT,
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"x-kubernetes-int-or-string": True},
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON": ANYTHING,
    # The API server refuses lists here.
    f"{SCHEMA_PROPS}OrArray": {"$ref": SCHEMA_PROPS},
    f"{SCHEMA_PROPS}OrStringArray": ANYTHING,
}


def build():
    """The one output, by its path."""
    root = toolchain.module("k8s.io/kubernetes") / "api" / "openapi-spec" / "v3"
    documents = [json.loads(path.read_text()) for path in sorted(root.glob("*.json"))]
    upstream = {}
    kinds = {}
    for document in documents:
        upstream.update(document.get("components", {}).get("schemas", {}))
        for path, operations in document["paths"].items():
            kinds.update(_created_at(path, operations))
    definitions = _definitions(upstream)
    _drop_status(definitions, kinds.values())
    reachable = _reachable(definitions, [kind["definition"] for kind in kinds.values()])
    return {
        OUTPUT: {
            "definitions": {name: definitions[name] for name in reachable},
            "kinds": [kinds[key] for key in sorted(kinds)],
        }
    }


def _created_at(path, operations):
    """The kind that a POST to this path creates, if it is a collection's path."""
    collection = COLLECTION.fullmatch(path)
    create = operations.get("post")
    if not collection or not create or "{name}" in path:
        return {}
    gvk = create["x-kubernetes-group-version-kind"]
    api_version = "/".join(filter(None, [gvk["group"], gvk["version"]]))
    body = create["requestBody"]["content"]["*/*"]["schema"]["$ref"]
    kind = {
        "apiVersion": api_version,
        "kind": gvk["kind"],
        "scope": "Namespaced" if collection["namespaced"] else "Cluster",
        "definition": body.removeprefix(REFERENCE),
    }
    return {(api_version, gvk["kind"]): kind}


def _definitions(upstream):
    definitions = {
        name: DECODED.get(name) or _simple(schemas.without(schema, DROPPED))
        for name, schema in upstream.items()
    }
    or_bool = {**definitions[SCHEMA_PROPS], "type": ["boolean", "object"]}
    definitions[f"{SCHEMA_PROPS}OrBool"] = or_bool
    return definitions


def _simple(schema):
    """References bare, instead of in an `allOf` of one; no zero defaults, which
    are those of Go and not of the API."""
    simple = dict(schema)
    if simple.get("default") in ({}, "", 0):
        del simple["default"]
    if len(simple.get("allOf", [])) == 1:
        simple.update(simple.pop("allOf")[0])
    if "$ref" in simple:
        simple["$ref"] = simple["$ref"].removeprefix(REFERENCE)
    for keyword in schemas.ONE & simple.keys():
        simple[keyword] = _simple(simple[keyword])
    if "properties" in simple:
        simple["properties"] = {name: _simple(each) for name, each in simple["properties"].items()}
    return simple


def _drop_status(definitions, kinds):
    """Of every kind but those that are a part of another one."""
    parts = set()
    for name, schema in definitions.items():
        if not name.endswith("List"):
            parts |= _references(schema)
    for kind in kinds:
        name = kind["definition"]
        if name not in parts:
            definitions[name] = schemas.without_status(definitions[name])


def _reachable(definitions, roots):
    found = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(definitions[name])
    return found


def _references(schema):
    """Names of the definitions that this schema refers to."""
    found = {schema["$ref"]} if "$ref" in schema else set()
    for keyword in schemas.ONE & schema.keys():
        found |= _references(schema[keyword])
    for each in schema.get("properties", {}).values():
        found |= _references(each)
    return found
