//! A policy denies before everything that allows is in force.

use ztgit_plugin::{Phase, Severity};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "premature-deny",
    severity: Severity::Error,
    text: include_str!("premature_deny.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::rules(subject)
        .filter(|spot| {
            let phase = subject.object(spot.index).phase;
            phase != Phase::Enforce && !spot.rule.isolates.is_empty()
        })
        .map(|spot| {
            let directions: Vec<&str> = spot.rule.isolates.iter().map(|direction| direction.name()).collect();
            let phase = subject.object(spot.index).phase;
            spot.finding(
                &spot.rule.pointer,
                format!(
                    "its pods are under a default deny of {} as soon as phase `{}` is applied, before everything that allows is in force",
                    directions.join(" and "),
                    phase.name()
                ),
                "say `enableDefaultDeny: {ingress: false, egress: false}`, or put it into phase `enforce`",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    use ztgit_plugin::Phase;

    fn allow(default_deny: &serde_json::Value) -> serde_json::Value {
        policy(&json!({
            "endpointSelector": {},
            "enableDefaultDeny": default_deny,
            "egress": [{"toEntities": ["kube-apiserver"]}]
        }))
    }

    #[test]
    fn an_allow_that_denies_the_rest_is_found() {
        Lint::homelab()
            .object(allow(&json!({})))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn an_allow_without_a_default_deny_is_not() {
        Lint::homelab()
            .object(allow(&json!({"egress": false})))
            .passes(super::RULE);
    }

    #[test]
    fn a_deny_among_those_that_come_last_is_not() {
        Lint::homelab()
            .object_in(Phase::Enforce, allow(&json!({})))
            .passes(super::RULE);
    }
}
