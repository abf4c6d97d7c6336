"""The kind of k3s's Helm controller that the network's hand-over names: a list
of `{apiVersion, kind, scope, schema}`."""

import schemas
import toolchain

OUTPUT = "plugins/cilium/data/helm-controller.json.zz"


def build():
    """The one output, by its path."""
    root = toolchain.module("github.com/k3s-io/helm-controller") / "pkg/crds/yaml/generated"
    crds = toolchain.yaml_documents(sorted(root.glob("*.yaml")))
    return {OUTPUT: schemas.entries(crds, {"HelmChart"})}
