"""Flux's own kinds: a list of `{apiVersion, kind, scope, schema}`.

Generated from the Go types, as Flux itself does it: some of the controllers'
modules, which hold the finished CustomResourceDefinitions, cannot be had from
a module proxy.
"""

import schemas
import toolchain

OUTPUT = "host/data/flux.json.zz"

PACKAGES = [
    "github.com/fluxcd/helm-controller/api/v2",
    "github.com/fluxcd/kustomize-controller/api/v1",
    "github.com/fluxcd/notification-controller/api/v1",
    "github.com/fluxcd/notification-controller/api/v1beta3",
    "github.com/fluxcd/source-controller/api/v1",
]


def build():
    """The one output, by its path."""
    crds = [crd for package in PACKAGES for crd in toolchain.generated_crds(package)]
    return {OUTPUT: schemas.entries(crds)}
