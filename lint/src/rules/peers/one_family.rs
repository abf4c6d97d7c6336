//! A cluster with IPv6, and a rule about everything that has IPv4 ranges only.

use std::collections::BTreeMap;

use serde_json::Value;
use ztgit_plugin::Severity;
use ztgit_policy::model::Action;

use super::ranges;
use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::{ObjectIndex, Subject};

pub(in crate::rules) const RULE: Rule = Rule {
    code: "one-family",
    severity: Severity::Info,
    text: include_str!("one_family.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    if !has_ipv6(subject) {
        return Vec::new();
    }
    let mut of_policy: BTreeMap<ObjectIndex, Vec<_>> = BTreeMap::new();
    for found in ranges(subject) {
        of_policy.entry(found.0.of.index).or_default().push(found);
    }
    let ipv4_only = of_policy
        .into_values()
        .filter(|ranges| ranges.iter().all(|(_, _, range)| range.addr().is_ipv4()));
    ipv4_only
        .filter_map(|ranges| {
            let sweeping = ranges.into_iter().find(|(spot, _, range)| {
                spot.entry.action == Action::Deny || range.prefix_len() == 0
            });
            let (spot, peer, range) = sweeping?;
            Some(spot.finding(
                &peer.pointer,
                format!("`{range}` says nothing of IPv6, which the cluster has"),
                "name the IPv6 range as well",
            ))
        })
        .collect()
}

fn has_ipv6(subject: &Subject<'_>) -> bool {
    let network = &subject.cluster.network;
    let enabled = subject
        .cilium_values()
        .and_then(|(_, values)| values.pointer("/ipv6/enabled"));
    enabled == Some(&Value::Bool(true)) || network.pod_cidrs.iter().any(|range| !range.is_ipv4())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{CLUSTERWIDE, Lint, clusterwide};

    fn dual_stack() -> Lint {
        Lint::homelab().cluster(&json!({"network": {"podCIDRs": ["10.42.0.0/16", "fd00:42::/56"]}}))
    }

    fn deny(ranges: &Value) -> Value {
        clusterwide(&json!({
            "endpointSelector": {},
            "enableDefaultDeny": {"egress": false},
            "egressDeny": [{"toCIDR": ranges}]
        }))
    }

    #[test]
    fn a_guardrail_of_one_family_is_found() {
        dual_stack()
            .object(deny(&json!(["169.254.169.254/32"])))
            .finds(super::RULE, CLUSTERWIDE);
    }

    #[test]
    fn one_of_both_is_not() {
        dual_stack()
            .object(deny(&json!(["169.254.169.254/32", "fd00:ec2::254/128"])))
            .passes(super::RULE);
    }

    #[test]
    fn one_machine_is_not() {
        dual_stack()
            .object(clusterwide(
                &json!({"endpointSelector": {}, "egress": [{"toCIDR": ["192.0.2.1/32"]}]}),
            ))
            .passes(super::RULE);
    }

    #[test]
    fn a_cluster_without_ipv6_needs_one_family() {
        Lint::homelab()
            .object(deny(&json!(["169.254.169.254/32"])))
            .passes(super::RULE);
    }
}
