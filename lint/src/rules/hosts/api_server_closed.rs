//! A server's firewall keeps pods or nodes from the API server.

use ipnet::IpNet;
use ztgit_plugin::Severity;
use ztgit_plugin::cluster::NodeRole;

use crate::finding::Found;
use crate::host::firewall::{Firewall, firewalls};
use crate::host::nftables::{Opening, Protocol, Ranges};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "api-server-closed",
    severity: Severity::Error,
    text: include_str!("api_server_closed.md"),
    find,
};

const API: u16 = 6443;

/// Interfaces through which pods' packets come, of Cilium and of others.
const POD_INTERFACES: [&str; 6] = ["lxc1", "cilium_host", "cni0", "flannel.1", "cali1", "veth1"];

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let nodes = &subject.cluster.nodes;
    firewalls(subject)
        .filter(|firewall| {
            let node = nodes.get(firewall.node);
            node.is_some_and(|node| node.role == NodeRole::Server)
        })
        .flat_map(|firewall| problems(subject, &firewall))
        .collect()
}

fn problems(subject: &Subject<'_>, firewall: &Firewall<'_>) -> Vec<Found> {
    let Some(chain) = firewall.closed().next() else {
        return Vec::new();
    };
    let api: Vec<&Opening> = firewall
        .openings
        .iter()
        .filter(|opening| opening.covers(Protocol::Tcp, API))
        .collect();
    let mut found = Vec::new();
    let pods = &subject.cluster.network.pod_cidrs;
    if let Some(range) = pods.iter().find(|range| !lets_pods(&api, range.net())) {
        found.push(firewall.at(
            chain,
            format!("pods ({range}) do not reach the API server on port {API}"),
            "accept port 6443 from the pods' ranges: CoreDNS, Flux and every controller need it",
        ));
    }
    let nodes = subject.cluster.nodes.iter();
    let mut others = nodes.filter(|(name, _)| *name != firewall.node);
    let cut_off = others.find(|(_, node)| {
        let addresses = node.addresses.iter();
        let mut addresses = addresses.map(|address| IpNet::from(*address));
        !addresses.any(|address| lets_node(&api, address))
    });
    if let Some((name, _)) = cut_off {
        found.push(firewall.at(
            chain,
            format!("node `{name}` does not reach the API server on port {API}"),
            "accept port 6443 from the addresses of all nodes",
        ));
    }
    found
}

fn lets_pods(openings: &[&Opening], pods: IpNet) -> bool {
    openings.iter().any(|opening| {
        let source = &opening.source;
        source.comes_from(pods) && POD_INTERFACES.iter().any(|name| source.through(name))
    })
}

/// Through a tunnel alone a node comes only if its address is named.
fn lets_node(openings: &[&Opening], node: IpNet) -> bool {
    openings.iter().any(|opening| {
        let source = &opening.source;
        let anywhere = source.interfaces.is_none() || source.ranges != Ranges::Any;
        anywhere && source.comes_from(node)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixtures::{FIREWALL, firewall};
    use crate::testing::Lint;

    const FROM_VPN: &str = "iifname \"wg0\" tcp dport { 22, 6443 } accept\n";
    const FROM_PODS: &str =
        "iifname { \"lxc*\", \"cilium_*\" } ip saddr 10.42.0.0/16 tcp dport 6443 accept\n";
    const FROM_NODES: &str = "ip saddr @nodes4 tcp dport 6443 accept\n";

    fn two_nodes(rules: &str) -> Lint {
        let node = json!({"role": "agent", "addresses": ["192.168.1.11"]});
        firewall(rules).cluster(&json!({"nodes": {"pi-2": node}}))
    }

    #[test]
    fn the_vpn_alone_keeps_pods_away() {
        firewall(FROM_VPN).finds(super::RULE, FIREWALL);
    }

    #[test]
    fn one_that_forgets_other_nodes_is_found() {
        two_nodes(&[FROM_VPN, FROM_PODS].concat()).finds(super::RULE, FIREWALL);
    }

    #[test]
    fn with_pods_and_nodes_it_is_fine() {
        firewall(&[FROM_VPN, FROM_PODS].concat()).passes(super::RULE);
        two_nodes(&[FROM_VPN, FROM_PODS, FROM_NODES].concat()).passes(super::RULE);
    }
}
