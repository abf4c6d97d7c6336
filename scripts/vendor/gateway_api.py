"""The standard channel of Gateway API: a list of whole objects to apply.

They equal upstream's but for the descriptions in the schemas, which are four
fifths of the text and which no controller reads, and for `status`.
"""

import packed
import schemas
import toolchain

OUTPUT = "plugins/gateway-tls/data/gateway-api.jsonl.zz"


def build():
    """The one output, by its path."""
    root = toolchain.module("sigs.k8s.io/gateway-api") / "config" / "crd" / "standard"
    objects = toolchain.yaml_documents(sorted(root.glob("*.yaml")))
    return {OUTPUT: packed.Lines(_without_prose(each) for each in objects)}


def _without_prose(upstream):
    if upstream["kind"] != "CustomResourceDefinition":
        return upstream
    # What an API server says of it, not what is to be applied.
    upstream.pop("status", None)
    for version in upstream["spec"]["versions"]:
        schema = version["schema"]["openAPIV3Schema"]
        version["schema"]["openAPIV3Schema"] = schemas.without(schema, {"description"})
    return upstream
