"""Cilium's kinds that people declare: a list of
`{apiVersion, kind, scope, schema}`."""

import schemas
import toolchain

OUTPUT = "plugins/cilium/data/crds.json.zz"

# The agent and the operator write these; nobody declares them.
OWN = {
    "CiliumBGPNodeConfig",
    "CiliumEndpoint",
    "CiliumEndpointSlice",
    "CiliumIdentity",
    "CiliumNode",
}


def build():
    """The one output, by its path."""
    root = toolchain.module("github.com/cilium/cilium") / "pkg/k8s/apis/cilium.io/client/crds"
    crds = toolchain.yaml_documents(sorted(root.glob("*/*.yaml")))
    kinds = {crd["spec"]["names"]["kind"] for crd in crds}
    return {OUTPUT: schemas.entries(crds, kinds - OWN)}
