//! Rules about requests are void, because another rule lets everything pass.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::rule::Rule;
use crate::shadow::shadows;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "l7-shadowed",
    severity: Severity::Error,
    text: include_str!("shadowed.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let shadows = shadows(subject, |rules| !rules.http().is_empty());
    let hint = "take the port, or the peers, out of the wider rule";
    shadows
        .iter()
        .map(|shadow| shadow.finding("HTTP rules", hint))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Lint, POLICY, policy};

    fn requests(from: &Value) -> Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": {"app": "my-api"}},
            "ingress": [{
                "fromEndpoints": [from],
                "toPorts": [{
                    "ports": [{"port": "8080", "protocol": "TCP"}],
                    "rules": {"http": [{"method": "GET"}]}
                }]
            }]
        }))
    }

    fn whole(subject: &Value, rule: &Value) -> Value {
        let mut policy = policy(&json!({"endpointSelector": subject, "ingress": [rule]}));
        policy["metadata"]["name"] = json!("whole");
        policy
    }

    fn frontend() -> Value {
        json!({"matchLabels": {"app": "my-frontend"}})
    }

    #[test]
    fn an_allow_for_the_same_port_voids_the_list_of_paths() {
        let rule = json!({
            "fromEndpoints": [frontend()],
            "toPorts": [{"ports": [{"port": "8080", "protocol": "TCP"}]}]
        });
        let subject = json!({"matchLabels": {"app": "my-api"}});
        Lint::homelab()
            .object(requests(&frontend()))
            .object(whole(&subject, &rule))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn so_does_a_wider_one() {
        for rule in [
            json!({"fromEndpoints": [{}]}),
            json!({"fromEntities": ["cluster"]}),
            json!({"toPorts": [{"ports": [{"port": "8000", "endPort": 9000}]}]}),
        ] {
            Lint::homelab()
                .object(requests(&frontend()))
                .object(whole(&json!({}), &rule))
                .finds(super::RULE, POLICY);
        }
    }

    #[test]
    fn so_does_a_kubernetes_policy_beside_it() {
        Lint::homelab()
            .object(requests(&frontend()))
            .object(json!({
                "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
                "metadata": {"name": "n", "namespace": "my-app"},
                "spec": {
                    "podSelector": {"matchLabels": {"app": "my-api"}},
                    "ingress": [{
                        "from": [{"podSelector": {"matchLabels": {"app": "my-frontend"}}}],
                        "ports": [{"port": 8080}]
                    }]
                }
            }))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn so_it_does_between_pods_that_nothing_declares() {
        let other = json!({"matchLabels": {"app": "other", "tier": "edge"}});
        let rule = json!({"fromEndpoints": [{"matchLabels": {"app": "other"}}]});
        Lint::homelab()
            .object(requests(&other))
            .object(whole(&json!({}), &rule))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn other_peers_ports_subjects_and_directions_do_not() {
        let port = |number: &str| json!([{"ports": [{"port": number, "protocol": "TCP"}]}]);
        let api = json!({"matchLabels": {"app": "my-api"}});
        for (subject, rule) in [
            (
                &api,
                json!({"fromEntities": ["host"], "toPorts": port("8080")}),
            ),
            (
                &api,
                json!({"fromEndpoints": [frontend()], "toPorts": port("9090")}),
            ),
            (&frontend(), json!({"fromEndpoints": [{}]})),
            (&api, json!({"fromEntities": []})),
        ] {
            Lint::homelab()
                .object(requests(&frontend()))
                .object(whole(subject, &rule))
                .passes(super::RULE);
        }
        let out = policy(&json!({"endpointSelector": {}, "egress": [{"toEndpoints": [{}]}]}));
        Lint::homelab()
            .object(requests(&frontend()))
            .object(out)
            .passes(super::RULE);
    }
}
