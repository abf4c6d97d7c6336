//! A rule that this version of Cilium has no more.

use ztgit_plugin::Severity;
use ztgit_policy::ViolationKind;

use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;
use crate::violations;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "removed-rule",
    severity: Severity::Error,
    text: include_str!("removed_rule.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    violations::of_kind(subject, ViolationKind::Removed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn kafka() -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "ingress": [{
            "fromEndpoints": [{}],
            "toPorts": [{
                "ports": [{"port": "9092", "protocol": "TCP"}],
                "rules": {"kafka": [{"role": "produce", "topic": "orders"}]}
            }]
        }]}))
    }

    fn requires() -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "ingress": [{
            "fromRequires": [{"matchLabels": {"env": "prod"}}]
        }]}))
    }

    #[test]
    fn kafka_rules_and_requirements_are_found() {
        Lint::homelab().object(kafka()).finds(super::RULE, POLICY);
        Lint::homelab()
            .object(requires())
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn versions_that_have_them_take_them() {
        Lint::homelab()
            .cluster(&json!({"cni": {"version": "1.18.4"}}))
            .object(kafka())
            .object(requires())
            .passes(super::RULE);
    }
}
