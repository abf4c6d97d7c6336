//! A policy is about pods of another namespace than its own.

use ztgit_plugin::Severity;
use ztgit_policy::ViolationKind;

use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;
use crate::violations;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "foreign-namespace",
    severity: Severity::Error,
    text: include_str!("foreign_namespace.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    violations::of_kind(subject, ViolationKind::ForeignNamespace)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn about(namespace: &str) -> serde_json::Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": {"k8s:io.kubernetes.pod.namespace": namespace}},
            "ingress": [{}]
        }))
    }

    #[test]
    fn a_policy_does_not_leave_its_namespace() {
        Lint::homelab()
            .object(about("demo"))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn its_own_namespace_may_be_named() {
        Lint::homelab().object(about("my-app")).passes(super::RULE);
    }
}
