//! What works in every cluster, whatever is declared: baselines.
//!
//! Invariant: none of them denies anything, and none depends on an
//! application or on the mode of a namespace. They are applied before
//! anything that denies.

mod dns;
mod flux;
mod gateway;
mod system;

use serde_json::{Map, Value};
use ztgit_plugin::cluster::{Entity, FlowPort, Protocol};
use ztgit_plugin::{Cluster, Diagnostic, Manifest};

use crate::config::Config;
use crate::policy::Policy;

/// The ports of an API server: of k3s and kubeadm, and of managed ones.
const API_SERVER_PORTS: [FlowPort; 2] = [
    FlowPort {
        port: 6443,
        end_port: None,
        protocol: Protocol::Tcp,
    },
    FlowPort {
        port: 443,
        end_port: None,
        protocol: Protocol::Tcp,
    },
];

/// The nodes, the pod's own and the others.
const NODES: [Entity; 2] = [Entity::Host, Entity::RemoteNode];

/// Whether the cluster has a Gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gateway {
    /// It has, or a flow expects one.
    Present,
    /// It has not.
    Absent,
}

impl Gateway {
    /// From the chart's values and from whether any flow has one at an end.
    pub(crate) fn of(values: &Map<String, Value>, used: bool) -> Self {
        let enabled = values
            .get("gatewayAPI")
            .and_then(|gateway| gateway.get("enabled"));
        if used || enabled == Some(&Value::Bool(true)) {
            Self::Present
        } else {
            Self::Absent
        }
    }
}

/// All baselines of a cluster.
pub(crate) fn manifests(
    cluster: &Cluster,
    config: &Config,
    gateway: Gateway,
) -> (Vec<Manifest>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut policies = vec![
        dns::client(cluster, config, &mut diagnostics),
        dns::server(),
        system::health(),
        system::kube_system(),
        system::metrics_server(),
    ];
    if config.hubble.relay {
        policies.push(system::hubble_relay(config));
    }
    if config.hubble.ui {
        policies.push(system::hubble_ui(config));
    }
    if gateway == Gateway::Present {
        policies.push(gateway::gateway());
    }
    policies.extend(flux::policies(cluster, config, &mut diagnostics));
    (
        policies.into_iter().map(Policy::manifest).collect(),
        diagnostics,
    )
}
