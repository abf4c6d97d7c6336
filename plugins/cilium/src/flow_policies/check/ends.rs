//! The two ends of a flow.

use std::net::IpAddr;

use ztgit_plugin::cluster::{Action, Peer};
use ztgit_plugin::{Cidr, Cluster};

use super::Findings;
use crate::config::Config;
use crate::policy::dns::ExternalName;

pub(super) fn check(cluster: &Cluster, config: &Config, findings: &mut Findings<'_>) {
    let flow = &findings.wanted.flow;
    if !is_pods(&flow.from) && !is_pods(&flow.to) {
        findings.error(
            "no-pod",
            "has a pod at neither end, so no policy can hold it",
            &[],
            "name a workload, or pods of a namespace, in `from` or `to`",
        );
    }
    for (end, peer) in [("from", &flow.from), ("to", &flow.to)] {
        match peer {
            Peer::Workload { namespace, name } => {
                workload(cluster, end, namespace, name, findings);
            }
            Peer::Cidr { range, except } => cidr(cluster, end, range, except, findings),
            Peer::Fqdn(text) => fqdn(config, end, text, findings),
            Peer::Pods { .. } | Peer::Entity(_) => {}
        }
    }
}

fn is_pods(peer: &Peer) -> bool {
    matches!(peer, Peer::Workload { .. } | Peer::Pods { .. })
}

fn workload(
    cluster: &Cluster,
    end: &str,
    namespace: &str,
    name: &str,
    findings: &mut Findings<'_>,
) {
    let declared = cluster
        .namespaces
        .get(namespace)
        .is_some_and(|n| n.workloads.contains_key(name));
    if !declared {
        findings.error(
            "unknown-workload",
            &format!("names a workload `{namespace}/{name}` that the cluster does not declare"),
            &[end],
            "declare it under the namespace's `workloads`",
        );
    }
}

fn cidr(cluster: &Cluster, end: &str, range: &Cidr, except: &[Cidr], findings: &mut Findings<'_>) {
    for hole in except.iter().filter(|hole| !range.contains(hole)) {
        findings.error(
            "cidr-except",
            &format!("excepts {hole}, which is not within {range}"),
            &[end],
            "list only ranges within the one they are taken from",
        );
    }
    // Cilium judges pods and nodes by what they are and never by address.
    let inside = |ranges: &[Cidr]| ranges.iter().any(|own| own.contains(range));
    let network = &cluster.network;
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
    let node = cluster.nodes.iter().find(|(_, node)| {
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
}

fn fqdn(config: &Config, end: &str, text: &str, findings: &mut Findings<'_>) {
    if let Err(error) = ExternalName::parse(text, &config.cluster_domain) {
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
