//! Namespaces are enforced, and nothing in the repository installs what enforces.

use ztgit_plugin::Severity;
use ztgit_plugin::cluster::Mode;

use crate::finding::{Found, Place};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "enforce-without-cni",
    severity: Severity::Error,
    text: include_str!("enforce_without_cni.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let enforced = subject
        .cluster
        .namespaces
        .iter()
        .find(|(_, namespace)| namespace.mode == Mode::Enforce);
    let Some((namespace, _)) = enforced else {
        return Vec::new();
    };
    if subject.cilium_values().is_some() || subject.policies.is_empty() {
        return Vec::new();
    }
    vec![Found::new(
        "cni",
        Place::cluster(["namespaces", namespace, "mode"]),
        format!(
            "`{namespace}` is enforced, and no HelmRelease of Cilium is rendered that Flux could wait for"
        ),
        "let the cilium plugin take part in the cluster, or say by an exception who installs Cilium",
    )]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, policy};

    fn enforced() -> Lint {
        Lint::homelab().object(policy(&json!({"endpointSelector": {}, "ingress": [{}]})))
    }

    #[test]
    fn enforcement_without_a_release_is_found() {
        enforced().finds(super::RULE, "cni");
    }

    #[test]
    fn enforcement_after_a_release_is_not() {
        enforced()
            .object(json!({
                "apiVersion": "helm.toolkit.fluxcd.io/v2",
                "kind": "HelmRelease",
                "metadata": {"name": "cilium", "namespace": "kube-system"},
                "spec": {"values": {}}
            }))
            .passes(super::RULE);
    }
}
