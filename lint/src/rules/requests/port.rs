//! Rules about requests on a port or protocol that cannot have them.

use ztgit_plugin::Severity;
use ztgit_policy::ViolationKind;

use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;
use crate::violations;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "l7-port",
    severity: Severity::Error,
    text: include_str!("port.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    violations::of_kind(subject, ViolationKind::RequestPort)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn to(port: &serde_json::Value, rules: &serde_json::Value) -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "egress": [{
            "toEndpoints": [{}],
            "toPorts": [{"ports": [port], "rules": rules}]
        }]}))
    }

    #[test]
    fn requests_without_tcp_are_found() {
        let get = json!({"http": [{"method": "GET"}]});
        for protocol in ["UDP", "ANY"] {
            let port = json!({"port": "8080", "protocol": protocol});
            Lint::homelab()
                .object(to(&port, &get))
                .finds(super::RULE, POLICY);
        }
        Lint::homelab()
            .object(to(&json!({"port": "8080"}), &get))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn requests_on_every_port_and_names_on_a_range_are_found() {
        let all = json!({"port": "0", "protocol": "TCP"});
        Lint::homelab()
            .object(to(&all, &json!({"http": [{"method": "GET"}]})))
            .finds(super::RULE, POLICY);
        let range = json!({"port": "53", "endPort": 54, "protocol": "UDP"});
        Lint::homelab()
            .object(to(&range, &json!({"dns": [{"matchName": "a.example"}]})))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn one_tcp_port_passes() {
        Lint::homelab()
            .object(to(
                &json!({"port": "8080", "protocol": "TCP"}),
                &json!({"http": [{"method": "GET"}]}),
            ))
            .passes(super::RULE);
    }
}
