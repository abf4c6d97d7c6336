//! A node's port is open to more than it is for.

use std::collections::BTreeSet;

use ipnet::IpNet;
use ztgit_plugin::cluster::Protocol as Transport;
use ztgit_plugin::fact::HostPortSource;
use ztgit_plugin::{Cidr, Severity};

use crate::finding::{Found, Place};
use crate::host::firewall::firewalls;
use crate::host::nftables::{Protocol, Ranges, Source};
use crate::host::ports::{Asked, asked};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "host-port-open",
    severity: Severity::Error,
    text: include_str!("host_port_open.md"),
    find,
};

/// A port, and who has business with it.
struct Guarded {
    protocol: Transport,
    port: u16,
    service: &'static str,
    circle: Circle,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Circle {
    /// Whoever administers: anybody but everybody.
    People,
    /// Nodes and pods.
    Cluster,
    /// Nodes.
    Nodes,
}

const GUARDED: [Guarded; 7] = [
    guarded(Transport::Tcp, 22, "SSH", Circle::People),
    guarded(Transport::Tcp, 6443, "the Kubernetes API", Circle::People),
    guarded(Transport::Tcp, 10250, "the kubelet", Circle::Cluster),
    guarded(Transport::Tcp, 2379, "etcd", Circle::Nodes),
    guarded(Transport::Tcp, 2380, "etcd", Circle::Nodes),
    guarded(
        Transport::Udp,
        8472,
        "pods' traffic in VXLAN",
        Circle::Nodes,
    ),
    guarded(
        Transport::Udp,
        6081,
        "pods' traffic in Geneve",
        Circle::Nodes,
    ),
];

const fn guarded(protocol: Transport, port: u16, service: &'static str, circle: Circle) -> Guarded {
    Guarded {
        protocol,
        port,
        service,
        circle,
    }
}

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for asked in asked(subject) {
        for guarded in &GUARDED {
            if asked.covers(guarded.protocol, guarded.port) && is_too_wide(subject, guarded, &asked)
            {
                told.insert((guarded.protocol, guarded.port));
                found.push(at_fact(guarded, &asked));
            }
        }
    }
    // What a plugin asked for is told at its root.
    let silent = GUARDED
        .iter()
        .filter(|guarded| !told.contains(&(guarded.protocol, guarded.port)));
    found.extend(silent.flat_map(|guarded| in_files(subject, guarded)));
    found
}

fn at_fact(guarded: &Guarded, asked: &Asked<'_>) -> Found {
    let (protocol, port) = (guarded.protocol.name().to_lowercase(), guarded.port);
    Found::new(
        format!("host-port/{protocol}/{port}"),
        Place::config(asked.provider, []),
        guarded.message(),
        format!(
            "have `{}` ask for it for {} alone",
            asked.provider,
            guarded.meant()
        ),
    )
}

fn in_files(subject: &Subject<'_>, guarded: &Guarded) -> Vec<Found> {
    let protocol = match guarded.protocol {
        Transport::Udp => Protocol::Udp,
        Transport::Tcp | Transport::Sctp => Protocol::Tcp,
    };
    let too_wide = |source: &Source| match guarded.circle {
        Circle::People => source.is_world(),
        circle => source.interfaces.is_none() && !within(subject, circle, &source.ranges),
    };
    firewalls(subject)
        .flat_map(|firewall| {
            let openings = firewall.openings.iter();
            let openings = openings.filter(|opening| opening.covers(protocol, guarded.port));
            openings
                .filter(|opening| too_wide(&opening.source))
                .map(|opening| {
                    let hint = format!("name {} as the source", guarded.meant());
                    firewall.file.finding(opening.line, guarded.message(), hint)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn is_too_wide(subject: &Subject<'_>, guarded: &Guarded, asked: &Asked<'_>) -> bool {
    if asked.is_for_world() {
        return true;
    }
    match (&asked.port.from, guarded.circle) {
        (_, Circle::People) => false,
        (HostPortSource::Pods, circle) => circle == Circle::Nodes,
        (
            HostPortSource::Ranges {
                ranges,
                interface: None,
            },
            circle,
        ) => {
            let ranges = ranges.iter().map(Cidr::net).collect();
            !within(subject, circle, &Ranges::Known(ranges))
        }
        _ => false,
    }
}

/// Whether all addresses are those of nodes, or of pods where these may come too.
fn within(subject: &Subject<'_>, circle: Circle, ranges: &Ranges) -> bool {
    let Ranges::Known(ranges) = ranges else {
        return *ranges == Ranges::Unknown;
    };
    let network = &subject.cluster.network;
    let pods = network
        .pod_cidrs
        .iter()
        .filter(|_| circle == Circle::Cluster);
    let addresses = subject
        .cluster
        .nodes
        .values()
        .flat_map(|node| &node.addresses);
    let known: Vec<IpNet> = network
        .node_cidrs
        .iter()
        .chain(pods)
        .map(Cidr::net)
        .chain(addresses.map(|address| IpNet::from(*address)))
        .collect();
    let mut ranges = ranges.iter();
    ranges.all(|range| known.iter().any(|known| known.contains(range)))
}

impl Guarded {
    fn message(&self) -> String {
        let beyond = match self.circle {
            Circle::People => "to everybody",
            Circle::Cluster | Circle::Nodes => "to others than the cluster's nodes",
        };
        format!("port {} ({}) is open {beyond}", self.port, self.service)
    }

    fn meant(&self) -> &'static str {
        match self.circle {
            Circle::People => "the VPN, nodes and pods",
            Circle::Cluster => "nodes and pods",
            Circle::Nodes => "nodes",
        }
    }
}

#[cfg(test)]
mod tests {
    use ztgit_plugin::cluster::Protocol;
    use ztgit_plugin::fact::{HostPort, HostPortSource};

    use super::super::fixtures::{FIREWALL, firewall};
    use crate::testing::Lint;

    fn asked(port: u16, from: HostPortSource) -> Lint {
        let port = HostPort {
            protocol: Protocol::Tcp,
            port,
            end_port: None,
            from,
            purpose: "a test".to_owned(),
        };
        Lint::homelab().fact("other", &port)
    }

    fn ranges(range: &str) -> HostPortSource {
        HostPortSource::Ranges {
            ranges: vec![range.parse().expect("a range")],
            interface: None,
        }
    }

    #[test]
    fn a_plugin_that_asks_the_world_in_is_found() {
        asked(22, HostPortSource::World).finds(super::RULE, "host-port/tcp/22");
        asked(6443, ranges("0.0.0.0/0")).finds(super::RULE, "host-port/tcp/6443");
    }

    #[test]
    fn the_kubelet_is_for_nodes_and_pods() {
        asked(10250, ranges("172.16.0.0/12")).finds(super::RULE, "host-port/tcp/10250");
        asked(10250, ranges("192.168.1.0/24")).passes(super::RULE);
        asked(10250, HostPortSource::Pods).passes(super::RULE);
        asked(2379, HostPortSource::Pods).finds(super::RULE, "host-port/tcp/2379");
    }

    #[test]
    fn a_rule_for_everybody_is_found() {
        firewall("tcp dport { 22, 80 } accept").finds(super::RULE, FIREWALL);
        firewall("tcp dport 1-10000 accept").finds(super::RULE, FIREWALL);
        firewall("udp dport 8472 accept").finds(super::RULE, FIREWALL);
    }

    #[test]
    fn rules_for_some_are_fine() {
        firewall(
            "tcp dport { 80, 443 } accept\niifname \"wg0\" tcp dport { 22, 6443 } accept\n\
             ip saddr @nodes4 tcp dport { 6443, 10250 } accept\nip saddr @nodes4 udp dport 8472 accept",
        )
        .passes(super::RULE);
    }
}
