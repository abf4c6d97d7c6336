//! What two interfaces may not have in common: names, ports of a node, ranges,
//! keys, routes. And ports that are Cilium's.

use std::collections::BTreeMap;

use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use crate::config::Config;
use crate::section::Section;
use crate::subnets::Subnets;
use crate::vpn::Vpn;

/// Ports of the node that Cilium listens on, with what for.
const CILIUM_PORTS: [(u16, &str); 3] = [
    (51871, "its own WireGuard between nodes"),
    (8472, "VXLAN"),
    (6081, "Geneve"),
];

/// Looks at all interfaces together.
pub(crate) fn check(
    cluster: &Cluster,
    config: &Config,
    vpn: &Vpn<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    names(config, findings);
    if cluster.has_cilium() {
        cilium_ports(config, findings);
    }
    ports(vpn, findings);
    ranges(config, findings);
    keys(vpn, findings);
    routes(vpn, findings);
}

fn names(config: &Config, findings: &mut Vec<Diagnostic>) {
    let hubs = config.hubs().map(|(section, _)| section);
    let sections = hubs.chain(config.meshes().map(|(section, _)| section));
    let mut seen = BTreeMap::new();
    for section in sections {
        let interface = section.interface();
        if seen.insert(interface, section).is_some() {
            let message = format!("there is another interface `{interface}`");
            findings.push(
                section
                    .error(&[], "interface-duplicate", message)
                    .hint("every interface of a cluster needs a name of its own"),
            );
        }
    }
}

fn cilium_ports(config: &Config, findings: &mut Vec<Diagnostic>) {
    let hubs = config.hubs().map(|(section, hub)| (section, hub.port));
    let meshes = config.meshes().map(|(section, mesh)| (section, mesh.port));
    for (section, port) in hubs.chain(meshes) {
        let taken = CILIUM_PORTS.iter().find(|(taken, _)| *taken == port.get());
        if let Some((_, purpose)) = taken {
            let message = format!("Cilium uses UDP port {port} for {purpose}");
            findings.push(
                section
                    .error(&["port"], "port-taken", message)
                    .hint("take another, such as 51820"),
            );
        }
    }
}

fn ports(vpn: &Vpn<'_>, findings: &mut Vec<Diagnostic>) {
    let hubs = vpn
        .tunnels
        .iter()
        .map(|tunnel| (tunnel.section, tunnel.node.name, tunnel.hub.port));
    let meshes = vpn.meshes.iter().flat_map(|mesh| {
        let members = mesh.members.iter();
        members.map(|member| (mesh.section, member.name, mesh.mesh.port))
    });
    let mut seen = BTreeMap::new();
    for (section, node, port) in hubs.chain(meshes) {
        let first = *seen.entry((node, port)).or_insert(section);
        if first != section {
            let message = format!(
                "UDP port {port} of `{node}` is already `{}`'s",
                first.interface()
            );
            findings.push(
                section
                    .error(&["port"], "port-duplicate", message)
                    .hint("set `port` to one that nothing else there listens on"),
            );
        }
    }
}

fn ranges(config: &Config, findings: &mut Vec<Diagnostic>) {
    let hubs = config
        .hubs()
        .map(|(section, hub)| (section, Subnets::new(hub.cidr, hub.cidr6)));
    let meshes = config
        .meshes()
        .map(|(section, mesh)| (section, Subnets::new(mesh.cidr, mesh.cidr6)));
    let mut seen: Vec<(Cidr, Section<'_>)> = Vec::new();
    for (section, subnets) in hubs.chain(meshes) {
        for (range, key) in subnets.iter().zip(["cidr", "cidr6"]) {
            let taken =
                |(other, owner): &&(Cidr, Section<'_>)| *owner != section && other.overlaps(range);
            if let Some((other, owner)) = seen.iter().find(taken) {
                let message = format!(
                    "{range} overlaps {other}, the range of `{}`",
                    owner.interface()
                );
                findings.push(
                    section
                        .error(&[key], "cidr-overlap", message)
                        .hint("take a private range that nothing else uses"),
                );
            }
            seen.push((*range, section));
        }
    }
}

/// A key belongs to one interface of one node: its file is named after it.
fn keys(vpn: &Vpn<'_>, findings: &mut Vec<Diagnostic>) {
    let hubs = vpn.tunnels.iter().filter_map(|tunnel| {
        let key = tunnel.server_key.as_ref()?;
        Some((tunnel.section, vec!["publicKey"], key))
    });
    let meshes = vpn.meshes.iter().flat_map(|mesh| {
        let members = mesh.members.iter();
        members.filter_map(|member| {
            let at = vec!["nodes", member.name, "publicKey"];
            Some((mesh.section, at, member.key.as_ref()?))
        })
    });
    let mut seen = BTreeMap::new();
    for (section, at, key) in hubs.chain(meshes) {
        let first = *seen.entry(key).or_insert(section);
        if first != section {
            let message = format!("this is also a key of `{}`", first.interface());
            findings.push(
                section
                    .error(&at, "key-duplicate", message)
                    .hint("every interface has a key of its own: name what its node prints"),
            );
        }
    }
}

/// Two interfaces may lead to one network, but which one is used has to be
/// said.
fn routes(vpn: &Vpn<'_>, findings: &mut Vec<Diagnostic>) {
    let mut seen = BTreeMap::new();
    for (section, node, metric, network) in routed(vpn) {
        let first = *seen.entry((node, network, metric)).or_insert(section);
        if first != section {
            let message = format!(
                "on `{node}`, `{}` leads to {network} with the same metric",
                first.interface()
            );
            findings.push(
                section
                    .error(&["metric"], "metric-duplicate", message)
                    .hint("give the interface that is to be used the lower `metric`"),
            );
        }
    }
}

fn routed<'v>(vpn: &'v Vpn<'_>) -> impl Iterator<Item = (Section<'v>, &'v str, u32, Cidr)> {
    let hubs = vpn.tunnels.iter().flat_map(|tunnel| {
        let networks = tunnel.peers.iter().flat_map(|peer| peer.networks);
        networks.map(|network| {
            (
                tunnel.section,
                tunnel.node.name,
                tunnel.hub.metric,
                *network,
            )
        })
    });
    let meshes = vpn.meshes.iter().flat_map(|mesh| {
        mesh.members.iter().flat_map(move |member| {
            let others = mesh
                .members
                .iter()
                .filter(|other| other.name != member.name);
            let networks = others.flat_map(|other| other.networks);
            networks.map(|network| (mesh.section, member.name, mesh.mesh.metric, *network))
        })
    });
    hubs.chain(meshes)
}
