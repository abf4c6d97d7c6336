//! Nodes that pass packets on between a tunnel and something else, and the
//! settings of the kernel that they need for it.

use std::collections::{BTreeMap, BTreeSet};

use ztgit_plugin::{Activation, Cidr, File};

use crate::vpn::Vpn;

/// Where the settings are.
pub(crate) const PATH: &str = "/etc/sysctl.d/60-ztgit-wireguard.conf";

const HEAD: &str = "# This node passes packets on between its VPN and networks or pods.
# Rendered by ztgit: change the stack.
";
const IPV4: &str = "net.ipv4.ip_forward = 1\n";
const IPV6: &str = "\
# With this, the kernel heeds no router's advertisements any more unless
# `accept_ra` is 2: an interface that has its address from them needs that.
net.ipv6.conf.all.forwarding = 1
";

/// One file for each such node.
pub(crate) fn files(vpn: &Vpn<'_>) -> impl Iterator<Item = File> {
    let mut nodes: BTreeMap<&str, BTreeSet<Cidr>> = BTreeMap::new();
    for tunnel in &vpn.tunnels {
        let networks = tunnel.peers.iter().flat_map(|peer| peer.networks);
        let behind = tunnel.pods().chain(&tunnel.hub.routes).chain(networks);
        nodes.entry(tunnel.node.name).or_default().extend(behind);
    }
    for member in vpn.meshes.iter().flat_map(|mesh| &mesh.members) {
        nodes
            .entry(member.name)
            .or_default()
            .extend(member.networks);
    }
    nodes
        .into_iter()
        .filter(|(_, ranges)| !ranges.is_empty())
        .map(|(node, ranges)| {
            File::on_node(node, PATH, settings(&ranges)).activate(Activation::ApplySysctl)
        })
}

fn settings(ranges: &BTreeSet<Cidr>) -> String {
    let lines = [(true, IPV4), (false, IPV6)]
        .into_iter()
        .filter(|(is_ipv4, _)| ranges.iter().any(|range| range.is_ipv4() == *is_ipv4));
    let lines: String = lines.map(|(_, line)| line).collect();
    format!("{HEAD}{lines}")
}
