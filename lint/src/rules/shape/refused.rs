//! Whatever else the agent refuses, drops or ignores.

use ztgit_plugin::Severity;
use ztgit_policy::{Consequence, ViolationKind};

use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;
use crate::violations;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "policy-refused",
    severity: Severity::Error,
    text: include_str!("refused.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let violations = subject.violations().iter();
    violations
        .filter(|(_, violation)| violation.kind == ViolationKind::Other)
        .map(|(index, violation)| {
            let found = violations::finding(subject, *index, violation);
            match violation.consequence {
                Consequence::Ineffective => found.severity(Severity::Warning),
                Consequence::RefusedByServer
                | Consequence::RefusedByAgent
                | Consequence::Dropped => found,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use ztgit_plugin::Severity;

    use crate::testing::{Lint, POLICY, policy};

    #[test]
    fn what_the_agent_refuses_is_an_error() {
        Lint::homelab()
            .object(policy(
                &json!({"endpointSelector": {}, "ingress": [{"fromEntities": ["wrold"]}]}),
            ))
            .finds_of(super::RULE, POLICY, Severity::Error);
    }

    #[test]
    fn a_key_that_is_dropped_is_an_error() {
        Lint::homelab()
            .object(policy(
                &json!({"endpointSelector": {}, "ingress": [{"fromEndpoint": [{}]}]}),
            ))
            .finds_of(super::RULE, POLICY, Severity::Error);
    }

    #[test]
    fn what_has_no_effect_is_a_warning() {
        Lint::homelab()
            .object(policy(&json!({
                "endpointSelector": {},
                "enableDefaultDeny": {"egress": true},
                "ingress": [{}]
            })))
            .finds_of(super::RULE, POLICY, Severity::Warning);
    }

    #[test]
    fn what_a_rule_of_its_own_is_about_is_left_to_it() {
        Lint::homelab()
            .object(policy(&json!({"endpointSelector": {}, "ingress": []})))
            .passes(super::RULE);
    }
}
