//! A rule goes by a name that no DNS rule lets the same pods look up.

use std::collections::BTreeMap;

use ztgit_plugin::Severity;
use ztgit_policy::model::{Action, DnsRule, PeerSelector};

use super::{covers, look_ups};
use crate::finding::Found;
use crate::governed::{Governed, governed};
use crate::rule::Rule;
use crate::spot::Spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "fqdn-without-lookup",
    severity: Severity::Error,
    text: include_str!("unwatched.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = BTreeMap::new();
    for pods in governed(subject) {
        let wanted = names(&pods);
        if wanted.is_empty() {
            continue;
        }
        let look_ups = look_ups(&pods.items);
        for (spot, peer, name) in wanted {
            if !is_watched(name, &look_ups) {
                found.entry((spot.of.index, &peer.pointer)).or_insert_with(|| {
                    spot.finding(
                        &peer.pointer,
                        format!("no DNS rule lets `{}` look up `{name}`, so its addresses are never learned", pods.name),
                        "add a rule for port 53 of the cluster's DNS, with the name under `rules.dns`",
                    )
                });
            }
        }
    }
    found.into_values().collect()
}

fn names<'s>(pods: &Governed<'s>) -> Vec<(Spot<'s>, &'s ztgit_policy::model::Peer, &'s str)> {
    let allowing = pods
        .items
        .iter()
        .filter(|item| item.entry.action == Action::Allow);
    let peers = allowing.flat_map(|item| {
        let peers = item.entry.peers.iter().flat_map(|list| &list.peers);
        peers.map(move |peer| (*item, peer))
    });
    peers
        .filter_map(|(item, peer)| match &peer.selector {
            PeerSelector::Fqdn { name, pattern } => {
                Some((item, peer, name.as_deref().or(pattern.as_deref())?))
            }
            _ => None,
        })
        .collect()
}

/// Whether every name that a pattern stands for may be looked up, judged by examples.
fn is_watched(name: &str, look_ups: &[(Spot<'_>, &DnsRule)]) -> bool {
    let equal = |rule: &DnsRule| {
        rule.name.as_deref() == Some(name) || rule.pattern.as_deref() == Some(name)
    };
    let examples = [
        name.replace("**.", "a.").replace('*', "a"),
        name.replace("**.", "a.b.").replace('*', "a"),
    ];
    look_ups.iter().any(|(_, rule)| equal(rule))
        || examples
            .iter()
            .all(|example| look_ups.iter().any(|(_, rule)| covers(rule, example)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Lint, POLICY, clusterwide, policy};

    fn to(name: &Value) -> Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": {"app": "my-api"}},
            "egress": [{"toFQDNs": [name]}]
        }))
    }

    fn lookup(subject: &Value, rules: &Value) -> Value {
        clusterwide(
            &json!({"endpointSelector": subject, "egress": [{"toPorts": [{
                "ports": [{"port": "53", "protocol": "ANY"}], "rules": rules
            }]}]}),
        )
    }

    #[test]
    fn a_name_without_any_dns_rule_is_found() {
        Lint::homelab()
            .object(to(&json!({"matchName": "api.example.com"})))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn dns_without_names_gives_no_names() {
        Lint::homelab()
            .object(to(&json!({"matchName": "api.example.com"})))
            .object(lookup(&json!({}), &Value::Null))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn names_of_other_pods_and_other_names_do_not_count() {
        let named = |name: &str| json!({"dns": [{"matchPattern": name}]});
        let frontend = json!({"matchLabels": {"app": "my-frontend"}});
        Lint::homelab()
            .object(to(&json!({"matchName": "api.example.com"})))
            .object(lookup(&frontend, &named("api.example.com")))
            .finds(super::RULE, POLICY);
        Lint::homelab()
            .object(to(&json!({"matchPattern": "**.example.com"})))
            .object(lookup(&json!({}), &named("*.example.com")))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn a_name_that_is_looked_up_is_not() {
        for (name, looked_up) in [
            (json!({"matchName": "api.example.com"}), "api.example.com"),
            (json!({"matchName": "api.example.com"}), "*.example.com"),
            (json!({"matchPattern": "*.example.com"}), "**.example.com"),
            (json!({"matchPattern": "*.example.com"}), "*"),
        ] {
            let rules = json!({"dns": [{"matchPattern": looked_up}]});
            Lint::homelab()
                .object(to(&name))
                .object(lookup(&json!({}), &rules))
                .passes(super::RULE);
        }
    }
}
