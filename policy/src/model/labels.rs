//! Labels as Cilium has them: each with a source.

use std::collections::BTreeMap;
use std::fmt;

/// Labels that Cilium gives every pod.
pub mod well_known {
    /// The pod's namespace.
    pub const NAMESPACE: &str = "io.kubernetes.pod.namespace";
    /// What the labels of the pod's namespace are prefixed with, and a dot.
    pub const NAMESPACE_LABELS: &str = "io.cilium.k8s.namespace.labels";
    /// The pod's service account.
    pub const SERVICE_ACCOUNT: &str = "io.cilium.k8s.policy.serviceaccount";
    /// The name of the cluster.
    pub const CLUSTER: &str = "io.cilium.k8s.policy.cluster";
    /// That name where nobody chose one.
    pub const DEFAULT_CLUSTER: &str = "default";
}

/// Where a label comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Whichever; only selectors say so.
    Any,
    /// Kubernetes.
    K8s,
    /// Cilium itself, for identities such as `reserved:host`.
    Reserved,
    /// Another one, such as `cidr` or `node`.
    Other(String),
}

impl Source {
    fn parse(name: &str) -> Self {
        match name {
            "any" => Self::Any,
            "k8s" => Self::K8s,
            "reserved" => Self::Reserved,
            other => Self::Other(other.to_owned()),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Any => "any",
            Self::K8s => "k8s",
            Self::Reserved => "reserved",
            Self::Other(name) => name,
        }
    }
}

/// A label's key with its source, written `source:key`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelKey {
    /// First, so that labels order by key and then by source.
    key: String,
    source: Source,
}

impl LabelKey {
    /// A key of Kubernetes, as pods carry it.
    pub fn k8s(key: &str) -> Self {
        Self::new(Source::K8s, key)
    }

    /// A key of Cilium's own.
    pub fn reserved(key: &str) -> Self {
        Self::new(Source::Reserved, key)
    }

    /// A key of a source.
    pub fn new(source: Source, key: &str) -> Self {
        Self {
            key: key.to_owned(),
            source,
        }
    }

    /// Reads what a selector has: `key` with the source that is the default there, or
    /// `source:key`.
    pub fn parse(text: &str, default: Source) -> Self {
        let (source, key) = Self::split(text, default);
        Self::new(source, key)
    }

    /// The same, as the source and the key without it.
    pub fn split(text: &str, default: Source) -> (Source, &str) {
        match text.split_once(':') {
            Some((source, key)) if !source.is_empty() => (Source::parse(source), key),
            Some((_, key)) => (default, key),
            None => (default, text),
        }
    }

    /// The key without its source.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The source.
    pub fn source(&self) -> &Source {
        &self.source
    }
}

impl fmt::Display for LabelKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.source.name(), self.key)
    }
}

/// The labels of an endpoint: what its identity is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct LabelSet(BTreeMap<LabelKey, String>);

impl LabelSet {
    /// The labels of a pod: its own, its namespace's, its service account, its cluster.
    pub fn of_pod<'a>(
        namespace: &str,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
        namespace_labels: impl IntoIterator<Item = (&'a str, &'a str)>,
        service_account: Option<&str>,
    ) -> Self {
        let mut set = Self::default();
        for (key, value) in labels {
            set.insert(LabelKey::k8s(key), value);
        }
        for (key, value) in namespace_labels {
            let key = format!("{}.{key}", well_known::NAMESPACE_LABELS);
            set.insert(LabelKey::k8s(&key), value);
        }
        set.insert(LabelKey::k8s(well_known::NAMESPACE), namespace);
        set.insert(
            LabelKey::k8s(well_known::CLUSTER),
            well_known::DEFAULT_CLUSTER,
        );
        if let Some(account) = service_account {
            set.insert(LabelKey::k8s(well_known::SERVICE_ACCOUNT), account);
        }
        set
    }

    /// Labels of Cilium's own, such as `host`.
    pub fn of_reserved<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let mut set = Self::default();
        for name in names {
            set.insert(LabelKey::reserved(name), "");
        }
        set
    }

    /// Adds a label.
    pub fn insert(&mut self, key: LabelKey, value: &str) {
        self.0.insert(key, value.to_owned());
    }

    /// The value under a key, for [`Source::Any`] whichever source has it.
    pub fn get(&self, key: &LabelKey) -> Option<&str> {
        if key.source != Source::Any {
            return self.0.get(key).map(String::as_str);
        }
        let mut labels = self.0.range(key..);
        let (found, value) = labels.next()?;
        (found.key == key.key).then_some(value)
    }

    /// Every label.
    pub fn iter(&self) -> impl Iterator<Item = (&LabelKey, &str)> {
        self.0.iter().map(|(key, value)| (key, value.as_str()))
    }
}
