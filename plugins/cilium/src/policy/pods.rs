//! Selectors of pods.
//!
//! Invariant: a peer names its namespace; without it a policy means its own.
//! Labels carry their source (`k8s:`), so that nothing but Kubernetes can
//! give a pod one of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ztgit_plugin::Cluster;
use ztgit_plugin::cluster::{Action, Peer};

/// The label that holds a pod's namespace.
pub(crate) const NAMESPACE: &str = "k8s:io.kubernetes.pod.namespace";

const SERVICE_ACCOUNT: &str = "k8s:io.cilium.k8s.policy.serviceaccount";

/// Pods of one namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pods {
    /// Their namespace.
    pub(crate) namespace: String,
    labels: BTreeMap<String, String>,
}

impl Pods {
    /// Pods of a namespace with these labels of Kubernetes; all for none.
    pub(crate) fn labelled(namespace: &str, labels: &[(&str, &str)]) -> Self {
        let labels = labels
            .iter()
            .map(|(key, value)| (format!("k8s:{key}"), (*value).to_owned()));
        Self {
            namespace: namespace.to_owned(),
            labels: labels.collect(),
        }
    }

    /// The pods of a peer that is pods.
    ///
    /// What is allowed, is allowed to the declared service account; a denial
    /// goes by the labels alone, lest another account slip past it.
    pub(crate) fn of(cluster: &Cluster, peer: &Peer, action: Action) -> Option<Self> {
        let (namespace, labels) = cluster.pods_of(peer)?;
        let mut labels: BTreeMap<String, String> = labels
            .iter()
            .map(|(key, value)| (format!("k8s:{key}"), value.clone()))
            .collect();
        if let (Action::Allow, Some(account)) = (action, service_account(cluster, peer)) {
            labels.insert(SERVICE_ACCOUNT.to_owned(), account.to_owned());
        }
        Some(Self {
            namespace: namespace.to_owned(),
            labels,
        })
    }

    /// Whether they include all of these pods, as far as labels tell.
    pub(crate) fn cover(&self, pods: &Self) -> bool {
        self.namespace == pods.namespace
            && self
                .labels
                .iter()
                .all(|(key, value)| pods.labels.get(key) == Some(value))
    }

    /// As the subject of a policy in their namespace.
    pub(crate) fn subject(&self) -> Value {
        if self.labels.is_empty() {
            json!({})
        } else {
            json!({ "matchLabels": self.labels })
        }
    }

    /// As the other end.
    pub(crate) fn peer(&self) -> Value {
        let mut labels = self.labels.clone();
        labels.insert(NAMESPACE.to_owned(), self.namespace.clone());
        json!({ "matchLabels": labels })
    }
}

fn service_account<'a>(cluster: &'a Cluster, peer: &Peer) -> Option<&'a str> {
    let Peer::Workload { namespace, name } = peer else {
        return None;
    };
    cluster
        .namespaces
        .get(namespace)?
        .workloads
        .get(name)?
        .service_account
        .as_deref()
}

/// Beginnings of labels that are no part of an identity unless the chart's
/// `labels` say otherwise: they differ from pod to pod, and an identity each
/// would be too many (`defaultLabelPrefixCfg` in Cilium's `pkg/labelsfilter`).
const IGNORED: [&str; 14] = [
    "annotation",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "controller-revision-hash",
    "controller-uid",
    "etcd_node",
    "io.kubernetes",
    "k8s.io",
    "kubernetes.io",
    "pod-template-generation",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
    "topology.kubernetes.io",
];

/// Whether a label of pods is no part of their identity.
pub(crate) fn is_ignored(key: &str) -> bool {
    IGNORED.iter().any(|prefix| key.starts_with(prefix)) || key.contains("beta.kubernetes.io")
}

/// All pods outside some namespaces. Endpoints that are no pods (health checks,
/// Gateways) have no namespace at all, so `NotIn` alone would select them.
pub(crate) fn outside<'a>(namespaces: impl IntoIterator<Item = &'a str>) -> Value {
    let namespaces: Vec<&str> = namespaces.into_iter().collect();
    json!({"matchExpressions": [
        {"key": NAMESPACE, "operator": "Exists"},
        {"key": NAMESPACE, "operator": "NotIn", "values": namespaces},
    ]})
}
