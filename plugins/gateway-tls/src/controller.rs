//! What implements the Gateway's class: Cilium, of which everything is known
//! here, or something that the user installs.

use ztgit_plugin::{Cluster, Diagnostic};

use crate::bundle::Bundle;
use crate::config::Config;

/// Who makes listeners of a Gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Controller {
    Cilium,
    Other,
}

impl Controller {
    pub(crate) fn of(config: &Config) -> Self {
        if config.gateway.class == "cilium" {
            Self::Cilium
        } else {
            Self::Other
        }
    }

    /// The definitions that it needs; none where that is not known.
    pub(crate) fn bundle(self, cluster: &Cluster) -> Option<Bundle> {
        match self {
            Self::Cilium => Bundle::for_cilium(&cluster.cni.version),
            Self::Other => Some(Bundle::NEWEST),
        }
    }

    /// What it cannot do in this cluster, or what cannot be said of it.
    pub(crate) fn check(self, cluster: &Cluster, config: &Config) -> Option<Diagnostic> {
        match self {
            Self::Cilium if !cluster.has_cilium() => Some(absent(cluster)),
            Self::Cilium if self.bundle(cluster).is_none() => Some(unsuited(cluster)),
            Self::Cilium => None,
            Self::Other => Some(unknown(&config.gateway.class)),
        }
    }
}

fn absent(cluster: &Cluster) -> Diagnostic {
    let message = format!(
        "the CNI is {}, so nothing implements Gateways of class cilium: no listener, no \
         certificate and no policy for them can be promised",
        cluster.cni.name
    );
    Diagnostic::error("no-gateway-controller", message)
        .at_cluster(["cni", "name"])
        .hint("use Cilium as CNI")
        .hint("set `gateway.class` to the class of a controller that you install")
}

fn unsuited(cluster: &Cluster) -> Diagnostic {
    let carried = Bundle::NEWEST.version();
    let message = format!(
        "Cilium {} needs other Gateway API definitions than those carried here ({carried}); with \
         these its Gateways stay down",
        cluster.cni.version
    );
    Diagnostic::error("gateway-bundle", message)
        .at_cluster(["cni", "version"])
        .hint("use Cilium 1.20")
}

fn unknown(class: &str) -> Diagnostic {
    let message = format!(
        "what implements class `{class}` is not known here: neither open ports nor policies for \
         its pods can be promised"
    );
    Diagnostic::warning("foreign-gateway-class", message)
        .at_config(["gateway", "class"])
        .hint(
            "declare its pods as a workload, with flows from the world and to each host's workload",
        )
        .hint("take this plugin's Gateway API definitions rather than your controller's own")
}
