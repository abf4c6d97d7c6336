//! What implements a Gateway's class: Cilium, of which everything is known
//! here, or something that the user installs.

use ztgit_plugin::{Cluster, Diagnostic};

use crate::bundle::{Bundle, Needed};
use crate::config::GatewaySettings;
use crate::gateway::Gateway;

/// Who makes listeners of a Gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Controller {
    Cilium,
    Other,
}

impl Controller {
    pub(crate) fn of(settings: &GatewaySettings) -> Self {
        if settings.class == "cilium" {
            Self::Cilium
        } else {
            Self::Other
        }
    }
}

/// The definitions that the cluster's Gateways need. Cilium has the say where
/// one is Cilium's: others get along with a newer bundle.
pub(crate) fn bundle(cluster: &Cluster, gateways: &[Gateway<'_>]) -> Option<Bundle> {
    if !any_of_cilium(gateways) {
        return Some(Bundle::NEWEST);
    }
    match Needed::by_cilium(&cluster.cni.version)? {
        Needed::Carried(bundle) => Some(bundle),
        Needed::Other(_) => None,
    }
}

/// Whether any Gateway is Cilium's.
pub(crate) fn any_of_cilium(gateways: &[Gateway<'_>]) -> bool {
    gateways.iter().any(is_ciliums)
}

fn is_ciliums(gateway: &Gateway<'_>) -> bool {
    gateway.controller() == Controller::Cilium
}

/// What they cannot do in this cluster, or what cannot be said of them.
pub(crate) fn check(cluster: &Cluster, gateways: &[Gateway<'_>]) -> Vec<Diagnostic> {
    let mut found: Vec<_> = gateways
        .iter()
        .filter(|gateway| !is_ciliums(gateway))
        .map(foreign)
        .collect();
    if any_of_cilium(gateways) {
        found.extend(cilium(cluster));
    }
    found
}

fn cilium(cluster: &Cluster) -> Option<Diagnostic> {
    if !cluster.has_cilium() {
        return Some(absent(cluster));
    }
    match Needed::by_cilium(&cluster.cni.version) {
        Some(Needed::Carried(_)) => None,
        Some(Needed::Other(version)) => Some(unsuited(
            cluster,
            &format!("the Gateway API definitions of bundle {version}"),
        )),
        None => Some(unsuited(
            cluster,
            "Gateway API definitions that are not known here",
        )),
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
        .hint("set `gateway.class` to the class of a controller that you install, such as `eg` of Envoy Gateway")
}

fn unsuited(cluster: &Cluster, needed: &str) -> Diagnostic {
    let message = format!(
        "Cilium {} needs {needed}, and those carried here are of bundle {}: with them its \
         Gateways stay down",
        cluster.cni.version,
        Bundle::NEWEST.version()
    );
    Diagnostic::error("gateway-bundle", message)
        .at_cluster(["cni", "version"])
        .hint("use Cilium 1.20")
}

fn foreign(gateway: &Gateway<'_>) -> Diagnostic {
    let message = format!(
        "what implements class `{}` is not known here: that it is there and what it understands, \
         its ports, its addresses, policies for its pods and logs of its requests cannot be \
         promised",
        gateway.settings.class
    );
    Diagnostic::warning("foreign-gateway-class", message)
        .at_config(gateway.place(&["class"]))
        .hint(
            "declare its pods as a workload, with flows from the world, to each host's workload \
             and to the pods that answer ACME challenges (port 8089)",
        )
        .hint("take this plugin's Gateway API definitions rather than your controller's own")
}
