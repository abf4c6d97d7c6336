//! Labels that a node gives itself when it registers.
//!
//! A kubelet may not label its node as it likes: where a label could decide
//! which workloads come to the node, an intruder there could invite them. It
//! does not even start with a label that the API server would refuse.

use ztgit_plugin::cluster::Labels;
use ztgit_plugin::{Cluster, Diagnostic};

/// Kubernetes's own labels that a kubelet may set, besides those below
/// `kubelet.kubernetes.io` and `node.kubernetes.io`: `IsKubeletLabel` in
/// `k8s.io/kubelet/pkg/apis`.
const OPEN: [&str; 10] = [
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "kubernetes.io/arch",
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
];

/// Labels as k3s takes them.
pub(crate) fn arguments(labels: &Labels) -> impl Iterator<Item = String> {
    labels.iter().map(|(key, value)| format!("{key}={value}"))
}

/// Labels with which no kubelet would start.
pub(crate) fn check(cluster: &Cluster) -> impl Iterator<Item = Diagnostic> {
    cluster.nodes.iter().flat_map(|(node, settings)| {
        settings.labels.iter().filter_map(move |(key, value)| {
            let problem = if !is_label(key, value) {
                invalid(key, value)
            } else if is_reserved(key) {
                reserved(node, key, value)
            } else {
                return None;
            };
            Some(problem.at_cluster(["nodes", node, "labels", key]))
        })
    })
}

fn invalid(key: &str, value: &str) -> Diagnostic {
    Diagnostic::error(
        "invalid-label",
        format!("`{key}: {value}` is not a Kubernetes label"),
    )
    .hint("use letters, digits, `.`, `_` and `-`, at most 63, and begin and end with a letter or digit; the key may have a DNS name and `/` in front")
}

fn reserved(node: &str, key: &str, value: &str) -> Diagnostic {
    Diagnostic::error(
        "reserved-label",
        format!("no kubelet starts with the label `{key}`, which is Kubernetes's own"),
    )
    .hint("use a label of your own")
    .hint(format!(
        "set it from outside: `kubectl label node {node} {key}={value}`"
    ))
}

fn is_reserved(key: &str) -> bool {
    let Some((domain, _)) = key.split_once('/') else {
        return false;
    };
    let is_below = |parent: &str| {
        domain
            .strip_suffix(parent)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    (is_below("kubernetes.io") || is_below("k8s.io"))
        && !is_below("kubelet.kubernetes.io")
        && !is_below("node.kubernetes.io")
        && !OPEN.contains(&key)
}

fn is_label(key: &str, value: &str) -> bool {
    let (domain, name) = match key.split_once('/') {
        Some((domain, name)) => (Some(domain), name),
        None => (None, key),
    };
    is_word(name) && (value.is_empty() || is_word(value)) && domain.is_none_or(is_domain)
}

fn is_word(text: &str) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    text.len() <= 63
        && is_end(bytes.first())
        && is_end(bytes.last())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(byte))
}

fn is_domain(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|part| {
            is_word(part)
                && part
                    .bytes()
                    .all(|byte| !byte.is_ascii_uppercase() && byte != b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::{is_label, is_reserved};

    #[test]
    fn labels_of_kubernetes_are_reserved_but_for_those_that_kubelets_may_set() {
        for key in [
            "node-role.kubernetes.io/worker",
            "node-restriction.kubernetes.io/tier",
            "k8s.io/x",
            "kubernetes.io/role",
        ] {
            assert!(is_reserved(key), "{key}");
        }
        for key in [
            "tier",
            "example.net/tier",
            "notkubernetes.io/tier",
            "node.kubernetes.io/instance-type",
            "topology.kubernetes.io/zone",
        ] {
            assert!(!is_reserved(key), "{key}");
        }
    }

    #[test]
    fn no_label_can_carry_another() {
        for (key, value) in [
            ("a", "b,c=d"),
            ("a=b", "c"),
            ("a", "b c"),
            ("A.example/a", "b"),
            ("-a", "b"),
            ("a/b/c", "d"),
            ("", "b"),
        ] {
            assert!(!is_label(key, value), "{key}: {value}");
        }
        for (key, value) in [("a", ""), ("example.net/A_b.c", "B-1")] {
            assert!(is_label(key, value), "{key}: {value}");
        }
    }
}
