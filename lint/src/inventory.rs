//! The pods that a stack speaks of, and the labels of their identities.
//!
//! Enters: the cluster, facts and objects. Leaves: every declared workload, every
//! pod template among the objects, and the pods that flows name by their labels.
//! Nothing says that there are no others, but in namespaces that are complete.

mod collect;
mod sample;

use std::collections::{BTreeMap, BTreeSet};

use ztgit_plugin::cluster::Labels;
use ztgit_policy::model::{LabelSet, Matcher, Requirement, Source, well_known};

use crate::subject::Subject;

pub(crate) use sample::{is_pod, others};

/// Where the cluster's own parts run.
pub(crate) const SYSTEM: &str = "kube-system";

/// The label that Kubernetes gives every namespace.
const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// Pods that are one thing to policies.
#[derive(Debug, Clone)]
pub(crate) struct Pod {
    /// `namespace/name`, the name being that of a workload or of an object.
    pub(crate) name: String,
    /// Their namespace.
    pub(crate) namespace: String,
    /// The labels of their identity.
    pub(crate) labels: LabelSet,
}

/// Every pod that is known of.
#[derive(Debug, Default)]
pub(crate) struct Inventory {
    pods: Vec<Pod>,
    by_namespace: BTreeMap<String, Vec<usize>>,
    namespaces: BTreeMap<String, Labels>,
    complete: BTreeSet<String>,
    values: BTreeMap<String, BTreeSet<String>>,
}

impl Inventory {
    /// Collects what is known.
    pub(crate) fn of(subject: &Subject<'_>) -> Self {
        let mut inventory = Self {
            namespaces: collect::namespaces(subject),
            complete: collect::complete(subject),
            ..Self::default()
        };
        for found in collect::pods(subject) {
            let pod = inventory.pod(
                found.name,
                &found.namespace,
                &found.labels,
                found.service_account,
            );
            for (key, value) in pod.labels.iter() {
                let values = inventory.values.entry(key.key().to_owned()).or_default();
                values.insert(value.to_owned());
            }
            let of_namespace = inventory.by_namespace.entry(found.namespace).or_default();
            of_namespace.push(inventory.pods.len());
            inventory.pods.push(pod);
        }
        inventory
    }

    /// All of them.
    pub(crate) fn pods(&self) -> &[Pod] {
        &self.pods
    }

    /// Those that a matcher selects, in one namespace if it is known to be in one, as
    /// most matchers themselves say.
    pub(crate) fn selected<'i>(
        &'i self,
        matcher: &'i Matcher,
        namespace: Option<&'i str>,
    ) -> impl Iterator<Item = &'i Pod> {
        let (all, some) = match namespace.or_else(|| namespace_of(matcher)) {
            None => (&self.pods[..], &[][..]),
            Some(namespace) => {
                let indices = self.by_namespace.get(namespace);
                (&[][..], indices.map(Vec::as_slice).unwrap_or_default())
            }
        };
        let pods = all
            .iter()
            .chain(some.iter().map(|index| &self.pods[*index]));
        pods.filter(|pod| matcher.matches(&pod.labels))
    }

    /// The values that a label has on any pod.
    pub(crate) fn values(&self, key: &str) -> Option<&BTreeSet<String>> {
        self.values.get(key)
    }

    /// Every label of any pod, with its values.
    pub(crate) fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        let values = self.values.iter();
        values.flat_map(|(key, values)| values.iter().map(|value| (key.as_str(), value.as_str())))
    }

    /// Whether the stack declares all pods of a namespace: it declares some, and
    /// nothing else is known to run there.
    pub(crate) fn is_complete(&self, namespace: &str) -> bool {
        self.complete.contains(namespace)
    }

    /// The labels of a namespace, where anything speaks of it.
    pub(crate) fn namespace_labels(&self, namespace: &str) -> Option<&Labels> {
        self.namespaces.get(namespace)
    }

    /// A pod as its namespace makes it.
    pub(crate) fn pod(
        &self,
        name: &str,
        namespace: &str,
        labels: &Labels,
        service_account: Option<&str>,
    ) -> Pod {
        let of_namespace = self.namespaces.get(namespace).into_iter();
        let of_namespace = of_namespace.flat_map(pairs);
        Pod {
            name: format!("{namespace}/{name}"),
            namespace: namespace.to_owned(),
            labels: LabelSet::of_pod(
                namespace,
                pairs(labels),
                of_namespace.chain([(NAMESPACE_NAME, namespace)]),
                service_account,
            ),
        }
    }
}

/// The one namespace in which a matcher selects.
fn namespace_of(matcher: &Matcher) -> Option<&str> {
    let mut requirements = matcher.requirements().iter();
    requirements.find_map(|requirement| match requirement {
        Requirement::In(key, values)
            if key.key() == well_known::NAMESPACE
                && matches!(key.source(), Source::K8s | Source::Any)
                && values.len() == 1 =>
        {
            values.first().map(String::as_str)
        }
        _ => None,
    })
}

fn pairs(labels: &Labels) -> impl Iterator<Item = (&str, &str)> {
    labels
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
}
