//! A peer without a namespace lives in another one.

use ztgit_plugin::Severity;
use ztgit_policy::model::{Matcher, Peer};

use crate::elsewhere;
use crate::finding::Found;
use crate::rule::Rule;
use crate::spot::{self, Spot};
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "peer-elsewhere",
    severity: Severity::Warning,
    text: include_str!("peer_elsewhere.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::entries(subject)
        .flat_map(|spot| {
            let peers = spot.peers();
            peers.filter_map(move |(peer, matchers)| problem(&spot, peer, matchers))
        })
        .collect()
}

fn problem(spot: &Spot<'_>, peer: &Peer, matchers: &[Matcher]) -> Option<Found> {
    let own = spot.of.policy.namespace.as_deref()?;
    let pod = elsewhere::meant(spot, peer, matchers)?;
    let (name, namespace) = (&pod.name, &pod.namespace);
    Some(spot.finding(
        &peer.pointer,
        format!("without a namespace this means `{own}`, and `{name}` is in `{namespace}`"),
        format!("add the label `k8s:io.kubernetes.pod.namespace: {namespace}`"),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn from(labels: &serde_json::Value) -> Lint {
        Lint::homelab()
            .cluster(&json!({"namespaces": {"edge": {
                "mode": "enforce", "create": true,
                "workloads": {"gateway": {"labels": {"app": "gateway"}}}
            }}}))
            .object(policy(&json!({
                "endpointSelector": {"matchLabels": {"app": "my-api"}},
                "ingress": [{"fromEndpoints": [{"matchLabels": labels}]}]
            })))
    }

    #[test]
    fn a_peer_of_another_namespace_that_is_not_named_is_found() {
        from(&json!({"app": "gateway"})).finds(super::RULE, POLICY);
    }

    #[test]
    fn the_same_in_a_kubernetes_policy_is_found() {
        from(&json!({"app": "my-frontend"}))
            .object(json!({
                "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                "metadata": {"name": "n", "namespace": "my-app"},
                "spec": {"podSelector": {}, "ingress": [
                    {"from": [{"podSelector": {"matchLabels": {"app": "gateway"}}}]}
                ]}
            }))
            .finds(super::RULE, "NetworkPolicy/my-app/n");
    }

    #[test]
    fn a_peer_with_its_namespace_or_of_the_same_one_is_not() {
        from(&json!({"app": "gateway", "k8s:io.kubernetes.pod.namespace": "edge"}))
            .passes(super::RULE);
        from(&json!({"app": "my-frontend"})).passes(super::RULE);
    }
}
