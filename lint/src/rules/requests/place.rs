//! Rules about requests where none may stand.

use ztgit_plugin::Severity;
use ztgit_policy::ViolationKind;

use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;
use crate::violations;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "l7-place",
    severity: Severity::Error,
    text: include_str!("place.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    violations::of_kind(subject, ViolationKind::RequestPlace)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    use crate::testing::{CLUSTERWIDE, clusterwide};

    #[test]
    fn names_on_ingress_are_found() {
        Lint::homelab()
            .object(policy(
                &json!({"endpointSelector": {}, "ingress": [{"toPorts": [{
                    "ports": [{"port": "53", "protocol": "ANY"}],
                    "rules": {"dns": [{"matchName": "a.example"}]}
                }]}]}),
            ))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn requests_in_a_policy_of_nodes_are_found() {
        Lint::homelab()
            .object(clusterwide(
                &json!({"nodeSelector": {}, "ingress": [{"toPorts": [{
                    "ports": [{"port": "80", "protocol": "TCP"}],
                    "rules": {"http": [{"method": "GET"}]}
                }]}]}),
            ))
            .finds(super::RULE, CLUSTERWIDE);
    }

    #[test]
    fn requests_in_a_deny_are_found() {
        Lint::homelab()
            .object(policy(
                &json!({"endpointSelector": {}, "ingressDeny": [{"toPorts": [{
                    "ports": [{"port": "80", "protocol": "TCP"}],
                    "rules": {"http": [{"path": "/admin"}]}
                }]}]}),
            ))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn names_on_egress_pass() {
        Lint::homelab()
            .object(policy(
                &json!({"endpointSelector": {}, "egress": [{"toPorts": [{
                    "ports": [{"port": "53", "protocol": "ANY"}],
                    "rules": {"dns": [{"matchName": "a.example"}]}
                }]}]}),
            ))
            .passes(super::RULE);
    }
}
