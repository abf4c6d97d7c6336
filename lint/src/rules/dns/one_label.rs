//! A wildcard stands for one label, and its domain has names that are deeper or the domain itself.

use std::collections::BTreeMap;

use ztgit_plugin::Severity;
use ztgit_policy::model::{Action, DnsRule, Peer, PeerSelector};
use ztgit_policy::pattern;

use super::look_ups;
use crate::finding::Found;
use crate::governed::{Governed, governed};
use crate::rule::Rule;
use crate::spot::Spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "fqdn-one-label",
    severity: Severity::Warning,
    text: include_str!("one_label.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = BTreeMap::new();
    for pods in governed(subject) {
        let peers = peers(&pods);
        let wildcards = peers
            .iter()
            .filter_map(|(spot, peer)| match &peer.selector {
                PeerSelector::Fqdn {
                    pattern: Some(pattern),
                    ..
                } => Some((spot, peer, pattern)),
                _ => None,
            });
        for (spot, peer, pattern) in wildcards {
            let Some(missed) = missed(&pods, &peers, pattern) else {
                continue;
            };
            let message = format!("`{pattern}` stands for one label and does not cover `{missed}`");
            let hint =
                "name it too; since Cilium 1.19 `**.` in front stands for one or more labels";
            found
                .entry((spot.of.index, &peer.pointer))
                .or_insert_with(|| spot.finding(&peer.pointer, message, hint));
        }
    }
    found.into_values().collect()
}

/// The external names that pods may connect to.
fn peers<'s>(pods: &Governed<'s>) -> Vec<(Spot<'s>, &'s Peer)> {
    let allowing = pods
        .items
        .iter()
        .filter(|item| item.entry.action == Action::Allow);
    allowing
        .flat_map(|item| {
            let peers = item.entry.peers.iter().flat_map(|list| &list.peers);
            let named = peers.filter(|peer| matches!(peer.selector, PeerSelector::Fqdn { .. }));
            named.map(move |peer| (*item, peer))
        })
        .collect()
}

/// A name of a pattern's domain that the same pods look up, and may not connect to.
fn missed<'s>(
    pods: &Governed<'s>,
    peers: &[(Spot<'s>, &'s Peer)],
    pattern: &str,
) -> Option<&'s str> {
    let domain = pattern.strip_prefix("*.")?;
    let mut names = look_ups(&pods.items)
        .into_iter()
        .filter_map(|(_, rule): (_, &DnsRule)| rule.name.as_deref());
    names.find(|name| {
        let name = name.trim_end_matches('.');
        let below = name
            .strip_suffix(domain)
            .is_some_and(|rest| rest.ends_with('.'));
        (below || name == domain) && !peers.iter().any(|(_, peer)| reaches(peer, name))
    })
}

fn reaches(peer: &Peer, looked_up: &str) -> bool {
    let PeerSelector::Fqdn { name, pattern } = &peer.selector else {
        return false;
    };
    let patterns = [
        name.as_deref().map(pattern::dns_name),
        pattern.as_deref().map(pattern::dns_pattern),
    ];
    let mut patterns = patterns.into_iter().flatten().flatten();
    patterns.any(|pattern| pattern.matches(looked_up))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn reach(name: &str) -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "egress": [
            {"toPorts": [{"ports": [{"port": "53"}], "rules": {"dns": [{"matchName": name}]}}]},
            {"toFQDNs": [{"matchPattern": "*.s3.amazonaws.com"}]}
        ]}))
    }

    #[test]
    fn a_deeper_name_and_the_domain_itself_are_found() {
        Lint::homelab()
            .object(reach("b.eu.s3.amazonaws.com"))
            .finds(super::RULE, POLICY);
        Lint::homelab()
            .object(reach("s3.amazonaws.com"))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn a_name_that_stands_beside_it_is_not() {
        Lint::homelab()
            .object(policy(&json!({"endpointSelector": {}, "egress": [
                {"toPorts": [{
                    "ports": [{"port": "53"}],
                    "rules": {"dns": [{"matchName": "quay.io"}, {"matchPattern": "*.quay.io"}]}
                }]},
                {"toFQDNs": [{"matchName": "quay.io"}, {"matchPattern": "*.quay.io"}]}
            ]})))
            .passes(super::RULE);
    }

    #[test]
    fn a_name_of_one_label_is_not() {
        Lint::homelab()
            .object(reach("b.s3.amazonaws.com"))
            .passes(super::RULE);
    }
}
