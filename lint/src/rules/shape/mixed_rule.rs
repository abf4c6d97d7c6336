//! Things stand together that cannot, or too many of them.

use ztgit_plugin::Severity;
use ztgit_policy::ViolationKind;

use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;
use crate::violations;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "mixed-rule",
    severity: Severity::Error,
    text: include_str!("mixed_rule.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    violations::of_kind(subject, ViolationKind::Mixed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn to(rule: &serde_json::Value) -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "egress": [rule]}))
    }

    #[test]
    fn two_kinds_of_peers_in_one_rule_are_found() {
        Lint::homelab()
            .object(to(&json!({
                "toFQDNs": [{"matchName": "api.example.com"}],
                "toCIDR": ["192.0.2.0/24"]
            })))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn icmp_beside_ports_is_found() {
        Lint::homelab()
            .object(to(&json!({
                "toCIDR": ["192.0.2.0/24"],
                "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}]}],
                "icmps": [{"fields": [{"type": 8}]}]
            })))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn more_than_forty_ports_are_found() {
        let ports: Vec<_> = (1..=41)
            .map(|port| json!({"port": port.to_string()}))
            .collect();
        Lint::homelab()
            .object(to(
                &json!({"toCIDR": ["192.0.2.0/24"], "toPorts": [{"ports": ports}]}),
            ))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn one_kind_a_rule_passes() {
        Lint::homelab()
            .object(policy(&json!({"endpointSelector": {}, "egress": [
                {"toFQDNs": [{"matchName": "api.example.com"}]},
                {"toCIDR": ["192.0.2.0/24"]},
                {"icmps": [{"fields": [{"type": 8}]}]}
            ]})))
            .passes(super::RULE);
    }
}
