//! The two ends of a flow.

use std::net::IpAddr;

use ztgit_plugin::Cidr;
use ztgit_plugin::cluster::{Action, Labels, Mode, Peer};

use super::Findings;
use crate::enforce::METADATA;
use crate::policy::dns::ExternalName;
use crate::policy::pods;
use crate::stance::{SYSTEM_NAMESPACE, mode_of};

pub(super) fn check(findings: &mut Findings<'_>) {
    let flow = &findings.wanted.flow;
    if !is_pods(&flow.from) && !is_pods(&flow.to) {
        findings.error(
            "no-pod",
            "has a pod at neither end, so no policy can hold it",
            &[],
            "name a workload, or pods of a namespace, in `from` or `to`",
        );
    }
    guarded_system(findings);
    for (end, peer) in [("from", &flow.from), ("to", &flow.to)] {
        match peer {
            Peer::Workload { namespace, name } => workload(end, namespace, name, findings),
            Peer::Pods { labels, .. } => selectable(end, labels, findings),
            Peer::Cidr { range, except } => cidr(end, range, except, findings),
            Peer::Fqdn(text) => fqdn(end, text, findings),
            Peer::Nodes { labels } => nodes(end, labels, findings),
            Peer::Entity(_) => {}
        }
    }
}

/// Behind its guardrail the system namespace needs the flow's own half, which
/// comes out only where it is declared.
fn guarded_system(findings: &mut Findings<'_>) {
    let context = findings.context;
    let flow = &findings.wanted.flow;
    let from_system = context
        .cluster
        .pods_of(&flow.from)
        .is_some_and(|(namespace, _)| namespace == SYSTEM_NAMESPACE);
    if from_system
        && context.config.deny_system_egress
        && flow.action == Action::Allow
        && mode_of(context.cluster, SYSTEM_NAMESPACE) < Some(Mode::Audit)
    {
        findings.error(
            "system-flow",
            "starts in kube-system, whose pods reach only what is allowed, and is not applied",
            &["from"],
            "declare `kube-system` with `mode: audit` under `namespaces`",
        );
    }
}

fn is_pods(peer: &Peer) -> bool {
    matches!(peer, Peer::Workload { .. } | Peer::Pods { .. })
}

fn workload(end: &str, namespace: &str, name: &str, findings: &mut Findings<'_>) {
    let declared = findings
        .context
        .cluster
        .namespaces
        .get(namespace)
        .and_then(|declared| declared.workloads.get(name));
    match declared {
        Some(workload) => selectable(end, &workload.labels, findings),
        None => findings.error(
            "unknown-workload",
            &format!("names a workload `{namespace}/{name}` that the cluster does not declare"),
            &[end],
            "declare it under the namespace's `workloads`",
        ),
    }
}

/// A selector by a label that is no part of an identity selects nothing.
fn selectable(end: &str, labels: &Labels, findings: &mut Findings<'_>) {
    if findings.context.value("labels").is_some_and(|v| v != "") {
        return;
    }
    for key in labels.keys().filter(|key| pods::is_ignored(key)) {
        findings.error(
            "label-ignored",
            &format!("selects pods by `{key}`, which cilium leaves out of their identity"),
            &[end],
            "select them by a label of your own, such as `app`",
        );
    }
}

fn nodes(end: &str, labels: &Labels, findings: &mut Findings<'_>) {
    let nodes = &findings.context.cluster.nodes;
    let carries = |own: &Labels| labels.iter().all(|(k, v)| own.get(k) == Some(v));
    if !nodes.is_empty() && !nodes.values().any(|node| carries(&node.labels)) {
        findings.error(
            "no-such-node",
            "names nodes by labels that no node of the cluster has",
            &[end],
            "give the labels to the nodes that are meant, under `nodes`",
        );
    }
}

fn cidr(end: &str, range: &Cidr, except: &[Cidr], findings: &mut Findings<'_>) {
    for hole in except.iter().filter(|hole| !range.contains(hole)) {
        findings.error(
            "cidr-except",
            &format!("excepts {hole}, which is not within {range}"),
            &[end],
            "list only ranges within the one they are taken from",
        );
    }
    // Cilium judges pods and nodes by what they are and never by address.
    let context = findings.context;
    let inside = |ranges: &[Cidr]| ranges.iter().any(|own| own.contains(range));
    let network = &context.cluster.network;
    if inside(&network.pod_cidrs) || inside(&network.service_cidrs) {
        findings.error(
            "cidr-in-cluster",
            &format!(
                "names {range}, which lies within the cluster's pods or services and never matches"
            ),
            &[end],
            "name the workload instead of its addresses",
        );
    }
    let node = context.cluster.nodes.iter().find(|(_, node)| {
        node.addresses
            .iter()
            .any(|address: &IpAddr| Cidr::single(*address) == *range)
    });
    if let Some((name, _)) = node {
        findings.error(
            "cidr-is-node",
            &format!("names {range}, the address of node `{name}`, which a range never matches"),
            &[end],
            "use the entity `host`, `remote-node` or `kube-apiserver`",
        );
    }
    if end == "to" && context.config.deny_metadata {
        metadata(range, findings);
    }
}

fn metadata(range: &Cidr, findings: &mut Findings<'_>) {
    let action = findings.wanted.flow.action;
    if action == Action::Allow && METADATA.contains(&range.to_string().as_str()) {
        findings.error(
            "metadata-denied",
            "reaches the metadata service of a cloud, which a guardrail refuses to every pod",
            &["to"],
            "take the flow out, or set `denyMetadata: false` in the config of cilium",
        );
    }
}

fn fqdn(end: &str, text: &str, findings: &mut Findings<'_>) {
    let domain = &findings.context.config.cluster_domain;
    if let Err(error) = ExternalName::parse(text, domain) {
        let problem = format!("reaches `{text}`, which {}", error.reason());
        findings.error("fqdn", &problem, &[end], error.hint());
    }
    if end == "from" {
        findings.error(
            "fqdn-source",
            "comes from a DNS name, and a connection's origin has only an address",
            &[end],
            "use `cidr` for the origin",
        );
    } else if findings.wanted.flow.action == Action::Deny {
        findings.error(
            "fqdn-deny",
            "denies a DNS name, and cilium denies addresses only",
            &[end],
            "deny a `cidr`, or allow the names that are wanted and nothing else",
        );
    }
}
