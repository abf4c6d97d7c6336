//! A pod made up for a selector, where no known one is selected.

use ztgit_plugin::cluster::Labels;
use ztgit_policy::model::{LabelKey, LabelSet, Matcher, Requirement, Source, well_known};

use super::{Inventory, NAMESPACE_NAME, Pod};

/// Where a made-up pod is if the selector does not say.
const ANYWHERE: &str = "some-namespace";

impl Inventory {
    /// A pod that has what a matcher demands and nothing else; none where that is an
    /// identity of Cilium's own, or impossible.
    pub(crate) fn sample(&self, matcher: &Matcher) -> Option<Pod> {
        let mut labels = Labels::new();
        for requirement in matcher.requirements() {
            let (key, value) = demanded(requirement)?;
            if let Some((key, value)) = key.zip(value) {
                labels.insert(key, value);
            }
        }
        let prefix = format!("{}.{NAMESPACE_NAME}", well_known::NAMESPACE_LABELS);
        let namespace = labels
            .remove(well_known::NAMESPACE)
            .or_else(|| labels.get(&prefix).cloned());
        let namespace = namespace.filter(|name| !name.is_empty());
        let namespace = namespace.as_deref().unwrap_or(ANYWHERE);
        let pod = self.pod(&name(&labels), namespace, &labels, None);
        matcher.matches(&pod.labels).then_some(pod)
    }
}

fn name(labels: &Labels) -> String {
    if labels.is_empty() {
        return "any pod".to_owned();
    }
    let pairs = labels.iter().map(|(key, value)| format!("{key}={value}"));
    pairs.collect::<Vec<_>>().join(",")
}

/// The label that a requirement asks for, if it asks for one of Kubernetes'; nothing
/// where it asks for another source's.
fn demanded(requirement: &Requirement) -> Option<(Option<String>, Option<String>)> {
    let key = requirement.key();
    let value = match requirement {
        Requirement::In(_, values) => values.first().cloned(),
        Requirement::Exists(_) => Some(String::new()),
        Requirement::NotIn(..) | Requirement::DoesNotExist(_) => return Some((None, None)),
    };
    matches!(key.source(), Source::K8s | Source::Any).then(|| (Some(key.key().to_owned()), value))
}

/// The identities that are no pods.
pub(crate) fn others() -> [(&'static str, LabelSet); 7] {
    [
        ("host", &["host"][..]),
        ("remote-node", &["remote-node"]),
        ("kube-apiserver", &["kube-apiserver", "remote-node"]),
        ("health", &["health"]),
        ("ingress", &["ingress"]),
        ("world", &["world-ipv4"]),
        ("world-ipv6", &["world-ipv6"]),
    ]
    .map(|(name, labels)| (name, LabelSet::of_reserved(labels.iter().copied())))
}

/// Whether an identity is a pod's.
pub(crate) fn is_pod(labels: &LabelSet) -> bool {
    labels.get(&LabelKey::k8s(well_known::NAMESPACE)).is_some()
}
