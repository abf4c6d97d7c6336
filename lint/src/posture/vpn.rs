//! The way in for administrators.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use ztgit_plugin::cluster::NodeRole;

use super::{Evidence, Verdict};
use crate::host::firewall::{Firewall, firewalls};
use crate::host::nftables::{Protocol, Ranges, Source};
use crate::host::wireguard::{Interface, interfaces, of_nodes};
use crate::subject::Subject;

const API: u16 = 6443;
const SSH: u16 = 22;

/// What makes a tunnel unusable.
const BROKEN: [&str; 4] = [
    "wireguard-key",
    "wireguard-peers",
    "wireguard-port",
    "wireguard-default-route",
];

/// The tunnels of nodes that have a device of somebody's at the other end.
fn tunnels<'s>(subject: &'s Subject<'s>) -> Vec<Interface<'s>> {
    let devices: BTreeSet<IpAddr> = interfaces(subject)
        .filter(|interface| interface.file.node().is_none())
        .flat_map(|interface| interface.addresses())
        .map(|address| address.addr())
        .collect();
    of_nodes(subject)
        .filter(|interface| {
            let mut ranges = interface
                .of_peers("AllowedIPs")
                .flat_map(|(_, setting)| setting.ranges().collect::<Vec<_>>());
            ranges.any(|range| devices.contains(&range.addr()))
        })
        .collect()
}

pub(super) fn tunnel(evidence: Evidence<'_>) -> Verdict {
    let tunnels = tunnels(evidence.subject);
    let Some(tunnel) = tunnels.first() else {
        return Verdict::fail("no tunnel that a device is a peer of is rendered");
    };
    let node = tunnel.file.node().unwrap_or_default();
    let (name, peers) = (tunnel.name, tunnel.peers.len());
    evidence.contradiction(&BROKEN).unwrap_or_else(|| {
        Verdict::pass(format!(
            "`{name}` of `{node}` (peers: {peers}); `wg show {name}` shows who shook hands"
        ))
    })
}

pub(super) fn kubectl(evidence: Evidence<'_>) -> Verdict {
    let subject = evidence.subject;
    let tunnels = tunnels(subject);
    if let Some(contradiction) = evidence.contradiction(&["vpn-certificate"]) {
        return contradiction;
    }
    let server = tunnels.iter().find(|tunnel| {
        let node = tunnel
            .file
            .node()
            .and_then(|node| subject.cluster.nodes.get(node));
        node.is_some_and(|node| node.role == NodeRole::Server)
    });
    let address = server.and_then(|tunnel| tunnel.addresses().first().map(IpNet::addr));
    match address {
        None => Verdict::fail("no tunnel leads to a server"),
        Some(address) => Verdict::cannot_tell(format!(
            "`kubectl config view --minify` has to name {address}:{API}"
        )),
    }
}

pub(super) fn api_server(evidence: Evidence<'_>) -> Verdict {
    let subject = evidence.subject;
    if let Some(contradiction) = evidence.contradiction(&["api-server-closed"]) {
        return contradiction;
    }
    for (name, _) in subject.cluster.nodes_of(NodeRole::Server) {
        let closed: Vec<Firewall<'_>> = firewalls(subject)
            .filter(|firewall| firewall.node == name && firewall.is_closed())
            .collect();
        if closed.is_empty() {
            return Verdict::cannot_tell(format!(
                "no nftables ruleset of `{name}` is rendered that drops by default: \
                 `nft list ruleset` there shows what is open"
            ));
        }
        let wide = closed
            .iter()
            .flat_map(|firewall| firewall.openings)
            .any(|opening| {
                opening.covers(Protocol::Tcp, API) && !is_within(subject, &opening.source)
            });
        if wide {
            return Verdict::fail(format!(
                "the firewall of `{name}` opens port {API} to others than VPN, nodes and pods"
            ));
        }
    }
    Verdict::pass(format!(
        "port {API} is open to VPN, nodes and pods; k3s listens on every address"
    ))
}

/// Whether only nodes, pods and whoever comes through an interface are meant.
fn is_within(subject: &Subject<'_>, source: &Source) -> bool {
    let Ranges::Known(ranges) = &source.ranges else {
        return source.interfaces.is_some();
    };
    let nodes = subject.cluster.nodes.values();
    let nodes: BTreeSet<IpAddr> = nodes.flat_map(|node| node.addresses.clone()).collect();
    let pods = &subject.cluster.network.pod_cidrs;
    source.interfaces.is_some()
        || ranges.iter().all(|range| {
            let single = range.prefix_len() == range.max_prefix_len();
            (single && nodes.contains(&range.addr()))
                || pods.iter().any(|pods| pods.net().contains(range))
        })
}

pub(super) fn administration(evidence: Evidence<'_>) -> Verdict {
    for part in [tunnel(evidence), api_server(evidence)] {
        if !part.holds() {
            return part;
        }
    }
    let mut ssh = firewalls(evidence.subject).flat_map(|firewall| firewall.openings);
    let world = ssh.any(|opening| opening.covers(Protocol::Tcp, SSH) && opening.source.is_world());
    if world {
        return Verdict::fail("SSH is open to everybody");
    }
    Verdict::pass("SSH and the API server are reached over the VPN, and not from everywhere")
}
