//! What k3s packages beside Kubernetes itself.

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::Diagnostic;

/// What k3s packages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Components {
    /// Cluster DNS.
    pub coredns: Presence,
    /// A storage class on the node's own disk.
    pub local_storage: Presence,
    /// Figures for `kubectl top` and autoscalers.
    pub metrics_server: Presence,
    /// Runtime classes.
    pub runtimes: Presence,
    /// Load balancers that bind the port on every node; disabled by default.
    pub servicelb: Presence,
    /// An ingress controller on ports 80 and 443; disabled by default.
    pub traefik: Presence,
}

/// Whether k3s deploys a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Presence {
    /// It does.
    Enabled,
    /// It does not.
    Disabled,
}

impl Default for Components {
    fn default() -> Self {
        Self {
            coredns: Presence::Enabled,
            local_storage: Presence::Enabled,
            metrics_server: Presence::Enabled,
            runtimes: Presence::Enabled,
            servicelb: Presence::Disabled,
            traefik: Presence::Disabled,
        }
    }
}

impl Components {
    /// Those that k3s is not to deploy, by the names that k3s has for them,
    /// sorted.
    pub(crate) fn disabled(&self) -> impl Iterator<Item = &'static str> {
        [
            ("coredns", self.coredns),
            ("local-storage", self.local_storage),
            ("metrics-server", self.metrics_server),
            ("runtimes", self.runtimes),
            ("servicelb", self.servicelb),
            ("traefik", self.traefik),
        ]
        .into_iter()
        .filter(|(_, presence)| *presence == Presence::Disabled)
        .map(|(name, _)| name)
    }

    /// Warns of components that take ports 80 and 443 on every node, past the
    /// host's firewall.
    pub(crate) fn check(&self) -> Vec<Diagnostic> {
        [("servicelb", self.servicelb), ("traefik", self.traefik)]
            .into_iter()
            .filter(|(_, presence)| *presence == Presence::Enabled)
            .map(|(name, _)| {
                Diagnostic::warning(
                    "open-component",
                    format!("`{name}` binds ports of every node, where no host firewall sees them"),
                )
                .at_config(["components", name])
                .hint("leave it disabled and bring traffic in through a Gateway")
            })
            .collect()
    }
}
