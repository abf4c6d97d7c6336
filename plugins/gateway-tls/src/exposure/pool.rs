//! Addresses for Services of type `LoadBalancer`, and their announcement in the
//! nodes' own network.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use ztgit_plugin::cluster::Labels;
use ztgit_plugin::{Cidr, Object};

use super::select_nodes;
use crate::gateway::Gateway;
use crate::plan::Plan;

/// The pools' resource.
pub(super) const PLURAL: &str = "ciliumloadbalancerippools";

/// Cilium's label on the Service that it makes for a Gateway.
const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";
const NAMESPACE: &str = "io.kubernetes.service.namespace";

pub(super) fn pool(plan: &Plan<'_>, addresses: &[Cidr]) -> Object {
    let blocks: Vec<_> = addresses
        .iter()
        .map(|range| json!({"cidr": range.to_string()}))
        .collect();
    Object::cluster_scoped("cilium.io/v2", "CiliumLoadBalancerIPPool", &name(plan))
        .spec(json!({"blocks": blocks, "serviceSelector": services(plan)}))
}

pub(super) fn announcement(plan: &Plan<'_>, interfaces: &[String], nodes: &Labels) -> Object {
    let mut spec = json!({"loadBalancerIPs": true, "serviceSelector": services(plan)});
    if !interfaces.is_empty() {
        spec["interfaces"] = json!(interfaces);
    }
    select_nodes(&mut spec, nodes);
    Object::cluster_scoped(
        "cilium.io/v2alpha1",
        "CiliumL2AnnouncementPolicy",
        &name(plan),
    )
    .spec(spec)
}

/// What all objects are called that expose the Gateways together.
pub(super) fn name(plan: &Plan<'_>) -> String {
    let gateway = plan.gateways[0];
    format!("{}.{}", gateway.namespace(), gateway.name())
}

/// Selects the Services that Cilium makes for the Gateways. One pool has to do
/// for several, as no two may have an address in common.
pub(super) fn services(plan: &Plan<'_>) -> Value {
    let names: BTreeSet<&str> = plan.of_cilium().map(Gateway::name).collect();
    let namespaces: BTreeSet<&str> = plan.of_cilium().map(Gateway::namespace).collect();
    if let (1, 1) = (names.len(), namespaces.len()) {
        let label = |values: &BTreeSet<&str>| values.first().copied().map(str::to_owned);
        return json!({
            "matchLabels": {NAMESPACE: label(&namespaces), GATEWAY_NAME: label(&names)},
        });
    }
    json!({
        "matchExpressions": [
            {"key": NAMESPACE, "operator": "In", "values": namespaces},
            {"key": GATEWAY_NAME, "operator": "In", "values": names},
        ],
    })
}
