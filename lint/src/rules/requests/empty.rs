//! An HTTP rule demands nothing.

use ztgit_plugin::Severity;
use ztgit_policy::ViolationKind;
use ztgit_policy::model::{L7Rules, Pointer};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::{ObjectIndex, Subject};

pub(in crate::rules) const RULE: Rule = Rule {
    code: "http-empty",
    severity: Severity::Error,
    text: include_str!("empty.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::l7(subject)
        .flat_map(|(spot, l7)| empty(l7).into_iter().map(move |at| (spot, at)))
        .filter(|(spot, at)| !lost_keys(subject, spot.of.index, at))
        .map(|(spot, at)| {
            spot.finding(
                &at,
                "this matches every request",
                "say which requests; leave `rules` out where all are meant",
            )
        })
        .collect()
}

/// Where a list of HTTP rules, or one of them, is empty.
fn empty(l7: &L7Rules) -> Vec<Pointer> {
    match &l7.http {
        Some(rules) if rules.is_empty() => vec![l7.pointer.key("http")],
        _ => {
            let rules = l7.http().iter().filter(|rule| rule.is_empty());
            rules.map(|rule| rule.pointer.clone()).collect()
        }
    }
}

/// Whether the rule is empty because its keys do not exist, which is found anyway.
fn lost_keys(subject: &Subject<'_>, index: ObjectIndex, at: &Pointer) -> bool {
    let mut violations = subject.violations().iter();
    violations.any(|(of, violation)| {
        let below = violation.pointer.as_str().strip_prefix(at.as_str());
        *of == index
            && violation.kind == ViolationKind::HttpKey
            && below.is_some_and(|rest| rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn requests(rules: &serde_json::Value) -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "ingress": [{
            "fromEndpoints": [{}],
            "toPorts": [{
                "ports": [{"port": "8080", "protocol": "TCP"}],
                "rules": {"http": rules}
            }]
        }]}))
    }

    #[test]
    fn a_rule_that_matches_every_request_is_found() {
        Lint::homelab()
            .object(requests(&json!([{"method": "GET"}, {}])))
            .finds(super::RULE, POLICY);
        Lint::homelab()
            .object(requests(&json!([])))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn a_rule_that_demands_something_is_not() {
        Lint::homelab()
            .object(requests(
                &json!([{"method": "GET"}, {"headers": ["X-Token: a"]}]),
            ))
            .passes(super::RULE);
    }
}
