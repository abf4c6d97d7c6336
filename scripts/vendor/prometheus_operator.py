"""The kinds of the Prometheus operator that ztgit's plugins emit: a list of
`{apiVersion, kind, scope, schema}`."""

import schemas
import toolchain

OUTPUT = "plugins/cilium/data/prometheus-operator.json.zz"

KINDS = {"PrometheusRule", "ServiceMonitor"}


def build():
    """The one output, by its path."""
    module = toolchain.module("github.com/prometheus-operator/prometheus-operator")
    root = module / "example" / "prometheus-operator-crd"
    crds = toolchain.yaml_documents(sorted(root.glob("*.yaml")))
    return {OUTPUT: schemas.entries(crds, KINDS)}
