"""Everything that is vendored: path in the repository -> packed bytes."""

import cert_manager
import cilium
import cilium_values
import flux
import gateway_api
import helm_controller
import kubernetes
import packed
import prometheus_operator

SOURCES = [
    kubernetes,
    flux,
    cilium,
    cilium_values,
    helm_controller,
    prometheus_operator,
    gateway_api,
    cert_manager,
]


def build():
    """All outputs, in the order of `SOURCES`."""
    return {
        path: packed.pack(value)
        for source in SOURCES
        for path, value in source.build().items()
    }
