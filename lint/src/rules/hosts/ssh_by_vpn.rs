//! A node cannot be logged in to while its VPN is down.

use std::collections::BTreeSet;

use ipnet::IpNet;
use ztgit_plugin::{Cidr, Cluster, Severity};

use crate::finding::Found;
use crate::host::firewall::firewalls;
use crate::host::nftables::{Opening, Protocol, Ranges};
use crate::host::wireguard;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "ssh-by-vpn",
    severity: Severity::Warning,
    text: include_str!("ssh_by_vpn.md"),
    find,
};

const SSH: u16 = 22;

fn find(subject: &Subject<'_>) -> Vec<Found> {
    firewalls(subject)
        .filter_map(|firewall| {
            let chain = firewall.closed().next()?;
            let tunnels = wireguard::of_nodes(subject);
            let tunnels = tunnels.filter(|tunnel| tunnel.file.node() == Some(firewall.node));
            let tunnels: BTreeSet<&str> = tunnels.map(|tunnel| tunnel.name).collect();
            let ways = firewall.openings.iter();
            let ways = ways.filter(|way| way.covers(Protocol::Tcp, SSH));
            let ways: Vec<&Opening> = ways.collect();
            let message = if ways.is_empty() {
                "nothing lets SSH in to the node".to_owned()
            } else if ways
                .iter()
                .all(|way| is_through(way, &tunnels) || is_within(way, subject.cluster))
            {
                "SSH reaches the node through the VPN or from the cluster alone".to_owned()
            } else {
                return None;
            };
            let hint = "accept SSH from a network that you would come from in an emergency";
            Some(firewall.at(chain, message, hint))
        })
        .collect()
}

fn is_through(way: &Opening, tunnels: &BTreeSet<&str>) -> bool {
    let interfaces = way.source.interfaces.as_ref();
    interfaces.is_some_and(|names| {
        let mut names = names.iter();
        names.all(|name| tunnels.contains(name.as_str()) || name.starts_with("wg"))
    })
}

/// Whether nobody but nodes and pods comes that way.
fn is_within(way: &Opening, cluster: &Cluster) -> bool {
    let Ranges::Known(ranges) = &way.source.ranges else {
        return false;
    };
    let nodes = || cluster.nodes.values().flat_map(|node| &node.addresses);
    let pods = || cluster.network.pod_cidrs.iter().map(Cidr::net);
    ranges.iter().all(|range| {
        nodes().any(|node| IpNet::from(*node) == *range) || pods().any(|pods| pods.contains(range))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::fixtures::{CONF, FIREWALL, NODE, conf, firewall};

    #[test]
    fn the_vpn_as_the_only_way_in_is_found() {
        firewall("iifname \"wg0\" tcp dport 22 accept")
            .file(NODE, CONF, &conf(&[]))
            .finds(super::RULE, FIREWALL);
    }

    #[test]
    fn no_way_in_is_found() {
        firewall("tcp dport 443 accept").finds(super::RULE, FIREWALL);
    }

    #[test]
    fn a_way_from_other_nodes_alone_is_found() {
        firewall("ip saddr @nodes4 tcp dport 22 accept")
            .cluster(&json!({"nodes": {"pi-2": {"role": "agent", "addresses": ["192.168.1.11"]}}}))
            .finds(super::RULE, FIREWALL);
    }

    #[test]
    fn another_way_beside_the_vpn_is_fine() {
        firewall(
            "iifname \"wg0\" tcp dport 22 accept\nip saddr 192.168.1.0/24 tcp dport 22 accept",
        )
        .passes(super::RULE);
    }
}
