"""Everything that is vendored: path in the repository -> packed bytes."""

import cert_manager
import cilium
import flux
import gateway_api
import kubernetes
import packed

SOURCES = [kubernetes, flux, cilium, gateway_api, cert_manager]


def build():
    """All outputs, in the order of `SOURCES`."""
    return {
        path: packed.pack(value)
        for source in SOURCES
        for path, value in source.build().items()
    }
