//! Where pods and namespaces are spoken of.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use ztgit_plugin::StandardFact;
use ztgit_plugin::cluster::{Flow, Labels, Peer};
use ztgit_plugin::fact::{FlowFact, NamespaceFact};

use super::SYSTEM;
use crate::json;
use crate::subject::{Object, Subject};

/// Pods as they are spoken of.
pub(super) struct Found<'a> {
    pub(super) name: &'a str,
    pub(super) namespace: String,
    pub(super) labels: Labels,
    pub(super) service_account: Option<&'a str>,
}

/// Declared workloads, pod templates, pods at the ends of flows.
pub(super) fn pods<'a>(subject: &'a Subject<'_>) -> Vec<Found<'a>> {
    let namespaces = subject.cluster.namespaces.iter();
    let declared = namespaces.flat_map(|(namespace, declared)| {
        let workloads = declared.workloads.iter();
        workloads.map(move |(name, workload)| Found {
            name,
            namespace: namespace.clone(),
            labels: workload.labels.clone(),
            service_account: workload.service_account.as_deref(),
        })
    });
    let templates = subject.objects.iter().filter_map(of_object);
    let own = subject.cluster.flows.values().flat_map(at_ends);
    let stated = stated::<FlowFact>(subject).flat_map(|fact| at_ends(&fact.flow));
    declared.chain(templates).chain(own).chain(stated).collect()
}

/// The pods that a flow names by their labels.
fn at_ends<'a>(flow: &Flow) -> Vec<Found<'a>> {
    let ends = [&flow.from, &flow.to].into_iter();
    ends.filter_map(|end| match end {
        Peer::Pods { namespace, labels } => Some(Found {
            name: "pods",
            namespace: namespace.clone(),
            labels: labels.clone(),
            service_account: None,
        }),
        _ => None,
    })
    .collect()
}

fn stated<F: StandardFact>(subject: &Subject<'_>) -> impl Iterator<Item = F> {
    let facts = subject.facts.iter().map(|stated| &stated.fact);
    facts
        .filter(|fact| fact.kind == F::KIND)
        .filter_map(|fact| F::deserialize(&fact.value).ok())
}

fn of_object<'a>(object: &Object<'a>) -> Option<Found<'a>> {
    let template = match object.kind() {
        "Pod" => object.value,
        "CronJob" => json::at(object.value, "/spec/jobTemplate/spec/template")?,
        "DaemonSet" | "Deployment" | "Job" | "ReplicaSet" | "StatefulSet" => {
            json::at(object.value, "/spec/template")?
        }
        _ => return None,
    };
    let account = json::at(template, "/spec/serviceAccountName");
    Some(Found {
        name: object.name(),
        namespace: object.namespace()?.to_owned(),
        labels: labels(template),
        service_account: account.and_then(Value::as_str),
    })
}

fn labels(object: &Value) -> Labels {
    let labels = json::at(object, "/metadata/labels").and_then(Value::as_object);
    let labels = labels.into_iter().flatten();
    labels
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// Labels of namespaces: declared, needed by plugins, or on the objects.
pub(super) fn namespaces(subject: &Subject<'_>) -> BTreeMap<String, Labels> {
    let mut namespaces: BTreeMap<String, Labels> = BTreeMap::new();
    let mut add = |name: &str, labels: Labels| {
        namespaces
            .entry(name.to_owned())
            .or_default()
            .extend(labels);
    };
    for (name, declared) in &subject.cluster.namespaces {
        add(name, declared.labels.clone());
    }
    for fact in stated::<NamespaceFact>(subject) {
        add(&fact.name, fact.labels);
    }
    for namespace in subject.of_kind("", "Namespace") {
        add(namespace.object.name(), labels(namespace.object.value));
    }
    namespaces
}

/// Namespaces with declared workloads in which no chart brings pods of its own.
pub(super) fn complete(subject: &Subject<'_>) -> BTreeSet<String> {
    let releases = subject.of_kind("helm.toolkit.fluxcd.io", "HelmRelease");
    let filled: BTreeSet<&str> = releases
        .filter_map(|release| {
            let release = release.object;
            let target = release.value.pointer("/spec/targetNamespace");
            target
                .and_then(Value::as_str)
                .or_else(|| release.namespace())
        })
        .chain([SYSTEM, subject.cluster.flux.namespace.as_str()])
        .collect();
    let declared = subject.cluster.namespaces.iter();
    declared
        .filter(|(name, namespace)| {
            !namespace.workloads.is_empty() && !filled.contains(name.as_str())
        })
        .map(|(name, _)| name.clone())
        .collect()
}
