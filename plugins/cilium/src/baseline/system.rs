//! The cluster's own parts, in kube-system and in the agents.
//!
//! kube-system is never denied by default here, but a policy of somebody
//! else's may, and then these keep the cluster alive.

use serde_json::json;
use ztgit_plugin::cluster::{Entity, FlowPort};

use super::to_api_server;
use crate::config::Config;
use crate::policy::dns::{in_cluster, lookup};
use crate::policy::pods::Pods;
use crate::policy::{Policy, Scope, Section, entity, ports};
use crate::stance::SYSTEM_NAMESPACE;

/// The agents' health endpoints reach each other and the nodes.
pub(super) fn health() -> Policy {
    let peers = entity::list(&[Entity::Host, Entity::RemoteNode, Entity::Health]);
    Policy::new(
        Scope::Cluster,
        "zt-allow-health",
        "the agents check each other's health",
        json!({"matchExpressions": [{"key": "reserved:health", "operator": "Exists"}]}),
    )
    .rule(Section::Ingress, json!({ "fromEntities": peers }))
    .rule(Section::Egress, json!({ "toEntities": peers }))
}

/// Everything in kube-system may talk to the API server and look up the
/// cluster's names.
pub(super) fn kube_system(config: &Config) -> Policy {
    system(
        "zt-allow-kube-system",
        "system pods talk to the API server and look up the cluster's names",
        &[],
    )
    .rule(
        Section::Egress,
        lookup(&[in_cluster(&config.cluster_domain)]),
    )
    .rule(Section::Egress, to_api_server())
}

/// metrics-server asks the kubelets, and the API server asks it.
pub(super) fn metrics_server() -> Policy {
    let kubelet = ports::plain(&[FlowPort::tcp(10250)]);
    let callers = entity::list(&[Entity::KubeApiserver, Entity::Host, Entity::RemoteNode]);
    system(
        "zt-allow-metrics-server",
        "metrics-server asks the kubelets and answers the API server",
        &[("k8s-app", "metrics-server")],
    )
    .rule(
        Section::Ingress,
        json!({"fromEntities": callers, "toPorts": kubelet}),
    )
    .rule(
        Section::Egress,
        json!({"toEntities": entity::list(&entity::NODES), "toPorts": kubelet}),
    )
}

/// The relay finds the agents by name and reads their flows.
pub(super) fn hubble_relay(config: &Config) -> Policy {
    let policy = system(
        "zt-allow-hubble-relay",
        "the relay collects the flows of all agents",
        &[("k8s-app", "hubble-relay")],
    )
    .rule(
        Section::Egress,
        json!({
            "toEntities": entity::list(&entity::NODES),
            "toPorts": ports::plain(&[FlowPort::tcp(4244)]),
        }),
    )
    .rule(
        Section::Egress,
        lookup(&[in_cluster(&config.cluster_domain)]),
    );
    if !config.hubble.ui {
        return policy;
    }
    let ui = Pods::labelled(SYSTEM_NAMESPACE, &[("k8s-app", "hubble-ui")]);
    policy.rule(
        Section::Ingress,
        json!({"fromEndpoints": [ui.peer()], "toPorts": ports::plain(&[FlowPort::tcp(4245)])}),
    )
}

/// The web interface reads from the relay; people reach it through the API
/// server's port forwarding, which arrives from the pod's own node.
pub(super) fn hubble_ui(config: &Config) -> Policy {
    let relay = Pods::labelled(SYSTEM_NAMESPACE, &[("k8s-app", "hubble-relay")]);
    system(
        "zt-allow-hubble-ui",
        "the web interface reads from the relay",
        &[("k8s-app", "hubble-ui")],
    )
    .rule(
        Section::Egress,
        json!({"toEndpoints": [relay.peer()], "toPorts": ports::plain(&[FlowPort::tcp(4245)])}),
    )
    .rule(
        Section::Egress,
        lookup(&[in_cluster(&config.cluster_domain)]),
    )
}

fn system(name: &str, description: &str, labels: &[(&str, &str)]) -> Policy {
    let pods = Pods::labelled(SYSTEM_NAMESPACE, labels);
    Policy::new(
        Scope::Namespace(SYSTEM_NAMESPACE.to_owned()),
        name,
        description,
        pods.subject(),
    )
}
