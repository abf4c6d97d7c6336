//! A key of an HTTP rule does not exist.

use ztgit_plugin::Severity;
use ztgit_policy::ViolationKind;

use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;
use crate::violations;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "http-unknown-key",
    severity: Severity::Error,
    text: include_str!("unknown_key.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    violations::of_kind(subject, ViolationKind::HttpKey)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn requests(rule: &serde_json::Value) -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "ingress": [{
            "fromEndpoints": [{}],
            "toPorts": [{
                "ports": [{"port": "8080", "protocol": "TCP"}],
                "rules": {"http": [rule]}
            }]
        }]}))
    }

    #[test]
    fn methods_and_paths_do_not_exist() {
        Lint::homelab()
            .object(requests(&json!({"methods": ["GET"], "paths": ["/public"]})))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn method_and_path_do() {
        Lint::homelab()
            .object(requests(&json!({"method": "GET", "path": "/public"})))
            .passes(super::RULE);
    }
}
