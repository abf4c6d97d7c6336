//! A default deny keeps the world from a Gateway.

use ztgit_plugin::Severity;
use ztgit_policy::model::Protocol;

use crate::finding::Found;
use crate::gateway::of_cilium;
use crate::isolation::isolated_by;
use crate::neighbourhood::{GATEWAY, OUTSIDE};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "gateway-closed",
    severity: Severity::Error,
    text: include_str!("gateway_closed.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let neighbourhood = subject.neighbourhood();
    of_cilium(subject)
        .flat_map(crate::gateway::Gateway::listeners)
        .filter_map(|listener| {
            let port = u16::try_from(listener.port()).ok()?;
            let asked = neighbourhood.ask((OUTSIDE, GATEWAY), (Protocol::Tcp, port))?;
            let rule = isolated_by(&asked.ingress).pop_first()?;
            Some(listener.finding(
                "/port",
                format!("nobody outside reaches port {port}: {rule} isolates the Gateway's proxy"),
                "allow `fromEntities: [world]` for the identity `reserved:ingress`, clusterwide",
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Lint, clusterwide};

    fn gateway() -> Value {
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "Gateway",
            "metadata": {"name": "front", "namespace": "ingress"},
            "spec": {"gatewayClassName": "cilium", "listeners": [
                {"name": "http", "port": 80, "protocol": "HTTP"}
            ]}
        })
    }

    /// A deny of all namespaces but one, which is also about what is in none.
    fn deny() -> Value {
        clusterwide(&json!({
            "endpointSelector": {"matchExpressions": [{
                "key": "k8s:io.kubernetes.pod.namespace",
                "operator": "NotIn",
                "values": ["kube-system"]
            }]},
            "ingress": [{}]
        }))
    }

    #[test]
    fn a_deny_of_everything_with_exceptions_closes_the_gateway() {
        Lint::homelab()
            .object(gateway())
            .object(deny())
            .finds(super::RULE, "Gateway/ingress/front");
    }

    #[test]
    fn a_proxy_that_the_world_may_reach_is_open() {
        let open = clusterwide(&json!({
            "endpointSelector": {"matchLabels": {"reserved:ingress": ""}},
            "ingress": [{"fromEntities": ["world"]}]
        }));
        Lint::homelab()
            .object(gateway())
            .object(deny())
            .object(open)
            .passes(super::RULE);
    }

    #[test]
    fn without_a_gateway_there_is_nothing_to_close() {
        Lint::homelab().object(deny()).passes(super::RULE);
    }
}
