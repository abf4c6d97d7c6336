//! Pods reach the metadata service of cloud providers.

use ztgit_plugin::Severity;
use ztgit_policy::model::Protocol;

use crate::finding::{Found, Place};
use crate::neighbourhood::{METADATA, workload_name};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "metadata-open",
    severity: Severity::Error,
    text: include_str!("metadata_open.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    // Without any policy this is not where the network is closed.
    if subject.policies.is_empty() {
        return Vec::new();
    }
    let neighbourhood = subject.neighbourhood();
    let mut found = Vec::new();
    for (namespace, declared) in &subject.cluster.namespaces {
        let reaching = declared.workloads.keys().find(|workload| {
            let from = workload_name(namespace, workload);
            let asked = neighbourhood.ask((&from, METADATA), (Protocol::Tcp, 80));
            asked.is_some_and(|verdict| verdict.is_allowed())
        });
        if let Some(workload) = reaching {
            found.push(Found::new(
                format!("namespaces/{namespace}"),
                Place::cluster(["namespaces", namespace]),
                format!("pods of `{workload}` reach the metadata service, 169.254.169.254"),
                "keep the cilium plugin's `denyMetadata`, which closes it in every namespace",
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, clusterwide, policy};

    #[test]
    fn pods_without_a_guardrail_are_found() {
        Lint::homelab()
            .object(policy(&json!({"endpointSelector": {}, "ingress": [{}]})))
            .finds(super::RULE, "namespaces/my-app");
    }

    #[test]
    fn pods_behind_a_guardrail_are_not() {
        Lint::homelab()
            .object(clusterwide(&json!({
                "endpointSelector": {},
                "enableDefaultDeny": {"ingress": false, "egress": false},
                "egressDeny": [{"toCIDR": ["169.254.169.254/32"]}]
            })))
            .passes(super::RULE);
    }
}
