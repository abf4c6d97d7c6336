//! Everything outside the cluster is reachable by address.

use ztgit_plugin::Severity;
use ztgit_policy::model::{Action, Direction, Entity, PeerSelector};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "wide-range",
    severity: Severity::Error,
    text: include_str!("wide_range.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::peers(subject)
        .filter(|(spot, _)| spot.entry.direction == Direction::Egress && spot.entry.action == Action::Allow)
        .filter_map(|(spot, peer)| {
            let what = everything(&peer.selector)?;
            Some(spot.finding(
                &peer.pointer,
                format!("pods may connect to {what}"),
                "name the hosts or ranges, or take private ranges and metadata services out by `except`",
            ))
        })
        .collect()
}

fn everything(selector: &PeerSelector) -> Option<&str> {
    match selector {
        PeerSelector::Cidr(range) => Some(range.as_str()),
        PeerSelector::CidrRule(rule) if rule.except.is_empty() => rule.cidr.as_deref(),
        PeerSelector::Entity(name) => {
            let world = matches!(
                Entity::parse(name),
                Some(Entity::World | Entity::WorldIpv4 | Entity::WorldIpv6)
            );
            return world.then_some("the whole world");
        }
        _ => None,
    }
    .filter(|range| range.ends_with("/0"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn to(key: &str, peer: &serde_json::Value) -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "egress": [{key: [peer]}]}))
    }

    #[test]
    fn all_addresses_and_the_world_are_found() {
        Lint::homelab()
            .object(to("toCIDR", &json!("0.0.0.0/0")))
            .finds(super::RULE, POLICY);
        Lint::homelab()
            .object(to("toCIDRSet", &json!({"cidr": "::/0"})))
            .finds(super::RULE, POLICY);
        Lint::homelab()
            .object(to("toEntities", &json!("world")))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn a_range_with_exceptions_is_not() {
        let public = json!({"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "169.254.0.0/16"]});
        Lint::homelab()
            .object(to("toCIDRSet", &public))
            .passes(super::RULE);
        Lint::homelab()
            .object(to("toCIDR", &json!("192.0.2.0/24")))
            .passes(super::RULE);
    }
}
