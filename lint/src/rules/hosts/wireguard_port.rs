//! A tunnel's port is shut, or somebody else's.

use std::collections::BTreeMap;

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::host::firewall::firewalls;
use crate::host::nftables::Protocol;
use crate::host::wireguard::{Interface, of_nodes};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "wireguard-port",
    severity: Severity::Error,
    text: include_str!("wireguard_port.md"),
    find,
};

/// Cilium's own tunnels between nodes.
const CILIUM: u16 = 51_871;

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mut owners: BTreeMap<(&str, u16), &str> = BTreeMap::new();
    let mut found = Vec::new();
    for interface in of_nodes(subject) {
        let Some((port, line)) = interface.listen_port() else {
            continue;
        };
        let node = interface.file.node().unwrap_or_default();
        let owner = *owners.entry((node, port)).or_insert(interface.name);
        let (message, hint) = if owner != interface.name {
            (
                format!("port {port} is that of `{owner}` already"),
                "give each interface a port of its own",
            )
        } else if port == CILIUM && subject.cluster.has_cilium() {
            (
                format!("port {port} is that of Cilium's encryption between nodes"),
                "choose another, such as 51820",
            )
        } else if is_shut(subject, &interface, port) {
            (
                format!("the node's firewall drops what comes to UDP port {port}"),
                "accept it, for everybody: who has no key gets no answer",
            )
        } else {
            continue;
        };
        found.push(interface.file.finding(line, message, hint));
    }
    found
}

fn is_shut(subject: &Subject<'_>, interface: &Interface<'_>, port: u16) -> bool {
    let firewalls = firewalls(subject);
    let mut closed = firewalls
        .filter(|firewall| Some(firewall.node) == interface.file.node())
        .filter(crate::host::firewall::Firewall::is_closed);
    closed.any(|firewall| {
        let mut openings = firewall.openings.iter();
        !openings.any(|opening| opening.covers(Protocol::Udp, port))
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{CONF, NODE, TUNNEL, conf, firewall, tunnel};
    use crate::testing::Lint;

    fn behind(rules: &str) -> Lint {
        firewall(rules).file(NODE, CONF, &conf(&[]))
    }

    #[test]
    fn a_port_that_the_firewall_drops_is_found() {
        behind("tcp dport 51820 accept").finds(super::RULE, TUNNEL);
    }

    #[test]
    fn a_port_that_it_opens_is_fine() {
        behind("udp dport 51820 accept").passes(super::RULE);
        tunnel(&[]).passes(super::RULE);
    }

    #[test]
    fn the_port_of_cilium_is_found() {
        let text = conf(&[]).replace("51820", "51871");
        Lint::homelab()
            .file(NODE, CONF, &text)
            .finds(super::RULE, TUNNEL);
    }

    #[test]
    fn a_port_of_two_interfaces_is_found() {
        tunnel(&[])
            .file(NODE, "/etc/wireguard/wg1.conf", &conf(&[]))
            .finds(super::RULE, "pi-1:/etc/wireguard/wg1.conf");
    }
}
