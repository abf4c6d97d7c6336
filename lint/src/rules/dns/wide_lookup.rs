//! Pods may look up any name at all.

use ztgit_plugin::Severity;
use ztgit_policy::model::{Direction, DnsRule};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "dns-wide-lookup",
    severity: Severity::Warning,
    text: include_str!("wide_lookup.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::l7(subject)
        .filter(|(spot, _)| spot.entry.direction == Direction::Egress)
        .flat_map(|(spot, l7)| l7.dns().iter().map(move |rule| (spot, rule)))
        .filter(|(_, rule)| covers_every_name(rule))
        .map(|(spot, rule)| {
            spot.finding(
                &rule.pointer,
                "every name may be looked up",
                "list the names that the pods need: a look-up carries data out of the cluster",
            )
        })
        .collect()
}

fn covers_every_name(rule: &DnsRule) -> bool {
    let pattern = rule.pattern.as_deref().unwrap_or_default();
    !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn lookup(rule: &serde_json::Value) -> serde_json::Value {
        policy(&json!({
            "endpointSelector": {},
            "egress": [{"toPorts": [{
                "ports": [{"port": "53", "protocol": "ANY"}],
                "rules": {"dns": [rule]}
            }]}]
        }))
    }

    #[test]
    fn a_pattern_of_stars_alone_is_found() {
        Lint::homelab()
            .object(lookup(&json!({"matchPattern": "*"})))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn the_names_of_a_domain_are_not() {
        Lint::homelab()
            .object(lookup(&json!({"matchPattern": "*.*.svc.cluster.local"})))
            .passes(super::RULE);
    }
}
