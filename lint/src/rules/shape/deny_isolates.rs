//! A deny also denies by default whatever it does not name.

use ztgit_plugin::Severity;
use ztgit_policy::model::{Action, Direction};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot::{self, RuleSpot};
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "deny-isolates",
    severity: Severity::Error,
    text: include_str!("deny_isolates.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::rules(subject)
        .flat_map(|spot| Direction::BOTH.map(|direction| (spot, direction)))
        .filter(|(spot, direction)| isolates_by_denying(spot, *direction))
        .map(|(spot, direction)| {
            let name = direction.name();
            spot.finding(
                &spot.rule.pointer.key(&format!("{name}Deny")),
                format!("`{name}Deny` alone also denies every {name} that no rule allows"),
                format!(
                    "add `enableDefaultDeny: {{{name}: false}}`, or `true` where that is meant"
                ),
            )
        })
        .collect()
}

fn isolates_by_denying(spot: &RuleSpot<'_>, direction: Direction) -> bool {
    spot.rule.isolates.contains(&direction)
        && spot.rule.default_deny.written(direction).is_none()
        && spot.policy.kind.is_cilium()
        && spot
            .rule
            .towards(direction)
            .all(|entry| entry.action == Action::Deny)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{CLUSTERWIDE, Lint, clusterwide};

    fn guardrail(default_deny: &serde_json::Value) -> serde_json::Value {
        clusterwide(&json!({
            "endpointSelector": {},
            "enableDefaultDeny": default_deny,
            "egressDeny": [{"toCIDR": ["169.254.169.254/32"]}]
        }))
    }

    #[test]
    fn a_guardrail_cuts_everything_off() {
        Lint::homelab()
            .object(guardrail(&json!(null)))
            .finds(super::RULE, CLUSTERWIDE);
        Lint::homelab()
            .object(guardrail(&json!({"ingress": false})))
            .finds(super::RULE, CLUSTERWIDE);
    }

    #[test]
    fn a_guardrail_that_says_so_is_not_found() {
        for egress in [false, true] {
            Lint::homelab()
                .object(guardrail(&json!({ "egress": egress })))
                .passes(super::RULE);
        }
    }

    #[test]
    fn a_deny_beside_an_allow_is_not_found() {
        Lint::homelab()
            .object(clusterwide(&json!({
                "endpointSelector": {},
                "egress": [{"toEntities": ["cluster"]}],
                "egressDeny": [{"toCIDR": ["169.254.169.254/32"]}]
            })))
            .passes(super::RULE);
    }
}
