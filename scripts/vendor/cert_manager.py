"""The kinds of cert-manager that people declare: a list of
`{apiVersion, kind, scope, schema}`."""

import schemas
import toolchain

OUTPUT = "plugins/gateway-tls/data/cert-manager.json.zz"

KINDS = {"Certificate", "CertificateRequest", "ClusterIssuer", "Issuer"}


def build():
    """The one output, by its path."""
    root = toolchain.module("github.com/cert-manager/cert-manager") / "deploy" / "crds"
    crds = toolchain.yaml_documents(sorted(root.glob("*.yaml")))
    return {OUTPUT: schemas.entries(crds, KINDS)}
