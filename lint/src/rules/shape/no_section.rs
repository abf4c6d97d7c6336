//! A rule has nothing under any of its four sections.

use ztgit_plugin::Severity;
use ztgit_policy::ViolationKind;

use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;
use crate::violations;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "no-section",
    severity: Severity::Error,
    text: include_str!("no_section.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    violations::of_kind(subject, ViolationKind::NoSection)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    #[test]
    fn an_empty_list_is_no_deny() {
        Lint::homelab()
            .object(policy(
                &json!({"endpointSelector": {}, "ingress": [], "egress": null}),
            ))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn asking_for_default_deny_alone_is_no_deny() {
        let both = json!({"ingress": true, "egress": true});
        Lint::homelab()
            .object(policy(
                &json!({"endpointSelector": {}, "enableDefaultDeny": both}),
            ))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn one_empty_rule_is_a_deny() {
        Lint::homelab()
            .object(policy(
                &json!({"endpointSelector": {}, "ingress": [{}], "egress": [{}]}),
            ))
            .passes(super::RULE);
    }
}
