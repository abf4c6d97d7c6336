//! Ports are opened for everybody, because no peer is named.

use ztgit_plugin::Severity;
use ztgit_policy::model::{Action, PeerKind, Scope};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "no-peer",
    severity: Severity::Warning,
    text: include_str!("no_peer.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::entries(subject)
        .filter(|spot| {
            let entry = spot.entry;
            let kubernetes = entry
                .list(PeerKind::Kubernetes)
                .is_some_and(|list| !list.peers.is_empty());
            entry.action == Action::Allow
                && entry.names_ports()
                && !kubernetes
                && entry.scope() == Scope::Everybody
        })
        .map(|spot| {
            let (end, field) = match spot.entry.direction {
                ztgit_policy::model::Direction::Ingress => ("from everywhere", "fromEndpoints"),
                ztgit_policy::model::Direction::Egress => ("to everywhere", "toEndpoints"),
            };
            spot.finding(
                &spot.entry.pointer,
                format!("its ports are open {end}: no peer is named"),
                format!("name who may, as by `{field}`"),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    #[test]
    fn ports_without_a_peer_are_found() {
        Lint::homelab()
            .object(policy(&json!({"endpointSelector": {}, "ingress": [{"toPorts": [{"ports": [{"port": "80"}]}]}]})))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn ports_with_one_are_not() {
        Lint::homelab()
            .object(policy(&json!({"endpointSelector": {}, "ingress": [{
                "fromEndpoints": [{}],
                "toPorts": [{"ports": [{"port": "80"}]}]
            }]})))
            .passes(super::RULE);
    }
}
