//! Everything, or everything in the cluster, is let through.

use ztgit_plugin::Severity;
use ztgit_policy::model::{Action, Entity, PeerSelector};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "wide-entity",
    severity: Severity::Warning,
    text: include_str!("wide_entity.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::peers(subject)
        .filter(|(spot, _)| spot.entry.action == Action::Allow && !is_about_gateways(spot))
        .filter_map(|(spot, peer)| {
            let PeerSelector::Entity(name) = &peer.selector else {
                return None;
            };
            let wide = matches!(Entity::parse(name), Some(Entity::All | Entity::Cluster));
            wide.then(|| {
                spot.finding(
                    &peer.pointer,
                    format!("the entity `{name}` is let through"),
                    "name the workloads: what comes to the cluster later is let through, too",
                )
            })
        })
        .collect()
}

/// The identity of Cilium's own Gateways passes on to whatever routes name; each
/// back-end's own policy decides.
fn is_about_gateways(spot: &spot::Spot<'_>) -> bool {
    let selector = spot.of.rule.endpoint_selector.as_ref();
    selector.is_some_and(|selector| {
        selector
            .keys()
            .any(|key| key == "reserved:ingress" || key == "reserved.ingress")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, clusterwide, policy};

    #[test]
    fn the_whole_cluster_is_found() {
        Lint::homelab()
            .object(policy(
                &json!({"endpointSelector": {}, "ingress": [{"fromEntities": ["cluster"]}]}),
            ))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn one_entity_is_not() {
        Lint::homelab()
            .object(policy(
                &json!({"endpointSelector": {}, "ingress": [{"fromEntities": ["kube-apiserver"]}]}),
            ))
            .passes(super::RULE);
    }

    #[test]
    fn the_gateways_own_way_into_the_cluster_is_not() {
        Lint::homelab()
            .object(clusterwide(&json!({
                "endpointSelector": {"matchExpressions": [{"key": "reserved:ingress", "operator": "Exists"}]},
                "egress": [{"toEntities": ["cluster"]}]
            })))
            .passes(super::RULE);
    }
}
