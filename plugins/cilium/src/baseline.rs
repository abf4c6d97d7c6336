//! What works in every cluster, whatever is declared: baselines.
//!
//! Invariant: none of them denies anything, and none depends on an
//! application or on the mode of a namespace. They are applied before
//! anything that denies.

mod dns;
mod flux;
mod gateway;
mod spire;
mod system;

use serde_json::{Value, json};
use ztgit_plugin::cluster::{Entity, FlowPort, Protocol};
use ztgit_plugin::{Diagnostic, Manifest};

use crate::context::Context;
use crate::policy::{Policy, entity, ports};

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

/// The rule of pods that speak to the API server.
fn to_api_server() -> Value {
    json!({
        "toEntities": entity::list(&[Entity::KubeApiserver]),
        "toPorts": ports::plain(&API_SERVER_PORTS),
    })
}

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
    pub(crate) fn of(context: &Context<'_>, used: bool) -> Self {
        if used || context.is("gatewayAPI.enabled", true) {
            Self::Present
        } else {
            Self::Absent
        }
    }
}

/// All baselines of a cluster.
pub(crate) fn manifests(
    context: &Context<'_>,
    gateway: Gateway,
) -> (Vec<Manifest>, Vec<Diagnostic>) {
    let Context {
        cluster, config, ..
    } = *context;
    let mut diagnostics = Vec::new();
    let mut policies = vec![
        dns::client(cluster, config, &mut diagnostics),
        dns::server(),
        system::health(),
        system::kube_system(config),
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
    if context.is("authentication.mutual.spire.enabled", true) {
        policies.push(spire::server());
    }
    policies.extend(flux::policies(cluster, config, &mut diagnostics));
    (
        policies.into_iter().map(Policy::manifest).collect(),
        diagnostics,
    )
}
