//! A range of addresses that are pods, Services or nodes, which ranges never match.

use ipnet::IpNet;
use serde_json::Value;
use ztgit_plugin::Severity;

use super::ranges;
use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "dead-range",
    severity: Severity::Error,
    text: include_str!("dead_range.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    ranges(subject)
        .filter_map(|(spot, peer, range)| {
            let (what, hint) = inside(subject, range)?;
            let message = format!("`{range}` never matches: {what}");
            Some(spot.finding(&peer.pointer, message, hint))
        })
        .collect()
}

fn inside(subject: &Subject<'_>, range: IpNet) -> Option<(String, &'static str)> {
    let network = &subject.cluster.network;
    let within = |outer: &ztgit_plugin::Cidr| outer.net().contains(&range);
    if network.pod_cidrs.iter().any(within) {
        let hint = "name the workload, or its labels";
        return Some(("these are addresses of pods".to_owned(), hint));
    }
    if network.service_cidrs.iter().any(within) {
        let hint = "name the workload behind the Service, and the port that its pods listen on";
        return Some((
            "addresses of Services are translated before policy is asked".to_owned(),
            hint,
        ));
    }
    if ranges_match_nodes(subject) {
        return None;
    }
    let mut nodes = subject.cluster.nodes.iter();
    let (name, _) = nodes.find(|(_, node)| {
        let mut addresses = node.addresses.iter();
        addresses.any(|address| IpNet::from(*address) == range)
    })?;
    let hint = "use the entity `kube-apiserver`, `host` or `remote-node`";
    Some((format!("this is the node `{name}`"), hint))
}

/// `policyCIDRMatchMode: [nodes]` of the chart.
fn ranges_match_nodes(subject: &Subject<'_>) -> bool {
    let mode = subject
        .cilium_values()
        .and_then(|(_, values)| values.get("policyCIDRMatchMode"));
    match mode {
        Some(Value::Array(modes)) => modes.contains(&Value::from("nodes")),
        Some(Value::String(mode)) => mode == "nodes",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Lint, POLICY, policy};

    fn to(range: &str) -> Value {
        policy(&json!({"endpointSelector": {}, "egress": [{"toCIDR": [range]}]}))
    }

    #[test]
    fn addresses_of_pods_services_and_nodes_are_found() {
        for range in [
            "10.42.3.0/24",
            "10.43.0.10/32",
            "192.168.1.10/32",
            "192.168.1.10",
        ] {
            Lint::homelab().object(to(range)).finds(super::RULE, POLICY);
        }
    }

    #[test]
    fn the_same_in_a_kubernetes_policy_is_found() {
        Lint::homelab()
            .object(json!({
                "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                "metadata": {"name": "n", "namespace": "my-app"},
                "spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [
                    {"to": [{"ipBlock": {"cidr": "192.168.1.10/32"}}]}
                ]}
            }))
            .finds(super::RULE, "NetworkPolicy/my-app/n");
    }

    #[test]
    fn machines_beside_the_nodes_and_wider_ranges_are_not() {
        for range in [
            "192.168.1.50/32",
            "192.168.1.0/24",
            "10.0.0.0/8",
            "0.0.0.0/0",
        ] {
            Lint::homelab().object(to(range)).passes(super::RULE);
        }
    }

    #[test]
    fn nodes_are_not_where_ranges_match_them() {
        Lint::homelab()
            .object(json!({
                "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease",
                "metadata": {"name": "cilium", "namespace": "kube-system"},
                "spec": {"values": {"policyCIDRMatchMode": ["nodes"]}}
            }))
            .object(to("192.168.1.10/32"))
            .passes(super::RULE);
    }
}
