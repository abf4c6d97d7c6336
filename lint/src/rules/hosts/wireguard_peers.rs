//! Peers of a tunnel take one another's place.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ipnet::IpNet;
use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::host::wireguard::{Interface, Setting, of_nodes};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "wireguard-peers",
    severity: Severity::Error,
    text: include_str!("wireguard_peers.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    of_nodes(subject)
        .flat_map(|interface| {
            let mut found = same_key(&interface);
            found.extend(same_range(&interface));
            found.extend(misplaced(&interface));
            found.extend(outside(&interface));
            found
        })
        .collect()
}

fn same_key(interface: &Interface<'_>) -> Vec<Found> {
    let mut seen = BTreeMap::new();
    let keys = interface.of_peers("PublicKey");
    keys.filter_map(|(_, setting)| {
        let earlier = seen.insert(&setting.value, setting.line)?;
        Some(interface.file.finding(
            setting.line,
            format!("the key of line {earlier} again: of two peers with one key the last counts"),
            "give each device a key of its own",
        ))
    })
    .collect()
}

fn same_range(interface: &Interface<'_>) -> Vec<Found> {
    let ranges = ranges(interface);
    let mut found = Vec::new();
    for (at, (peer, setting, range)) in ranges.iter().enumerate() {
        let mut earlier = ranges[..at].iter().filter(|(other, ..)| other != peer);
        let Some((_, _, other)) = earlier.find(|(_, _, other)| meet(other, range)) else {
            continue;
        };
        let finding = if other == range {
            interface.file.finding(
                setting.line,
                format!("`{range}` is another peer's already, which loses it without a word"),
                "give each peer addresses of its own",
            )
        } else {
            let message = format!("`{range}` overlaps with another peer's `{other}`");
            let hint = "the narrower range wins: make them apart if that is not meant";
            let finding = interface.file.finding(setting.line, message, hint);
            finding.severity(Severity::Warning)
        };
        found.push(finding);
    }
    found
}

fn meet(one: &IpNet, other: &IpNet) -> bool {
    // Everything is another rule's.
    one.prefix_len() > 0 && other.prefix_len() > 0 && (one.contains(other) || other.contains(one))
}

/// Addresses that cannot be a peer's.
fn misplaced(interface: &Interface<'_>) -> Vec<Found> {
    let own = interface.addresses();
    let ranges = ranges(interface).into_iter();
    ranges
        .filter(|(_, _, range)| range.prefix_len() == range.max_prefix_len())
        .filter_map(|(_, setting, range)| {
            let address = range.addr();
            let what = if interface.owns(address) {
                "the node's own address"
            } else if own.iter().any(|net| is_edge(net, address)) {
                "the address of the whole range, or its broadcast address"
            } else {
                return None;
            };
            Some(interface.file.finding(
                setting.line,
                format!("`{address}` is {what}"),
                "give the peer another address",
            ))
        })
        .collect()
}

/// Whether an address stands for all of an IPv4 network.
fn is_edge(network: &IpNet, address: IpAddr) -> bool {
    let whole = matches!(network, IpNet::V4(net) if net.prefix_len() < 31);
    whole && (network.network() == address || network.broadcast() == address)
}

/// Peers none of whose ranges the interface has a route to by itself.
fn outside(interface: &Interface<'_>) -> Vec<Found> {
    let own = interface.addresses();
    let wide = own
        .iter()
        .any(|net| net.prefix_len() < net.max_prefix_len());
    let ranges = ranges(interface);
    let peers = 0..interface.peers.len();
    peers
        .filter(|_| wide)
        .filter_map(|peer| {
            let of_peer = || ranges.iter().filter(move |(other, ..)| *other == peer);
            let inside = |range: &IpNet| own.iter().any(|net| net.contains(&range.addr()));
            let any_inside =
                of_peer().any(|(_, _, range)| inside(range) || range.prefix_len() == 0);
            let (_, setting, range) = of_peer().next().filter(|_| !any_inside)?;
            Some(interface.file.finding(
                setting.line,
                format!("`{range}` is outside of the interface's own range"),
                "give the peer an address in it",
            ))
        })
        .collect()
}

fn ranges<'s>(interface: &Interface<'s>) -> Vec<(usize, &'s Setting, IpNet)> {
    let settings = interface.of_peers("AllowedIPs");
    settings
        .flat_map(|(peer, setting)| {
            let ranges: Vec<IpNet> = setting.ranges().collect();
            ranges.into_iter().map(move |range| (peer, setting, range))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use ztgit_plugin::Severity;

    use super::super::fixtures::{KEY, OTHER_KEY, TUNNEL, tunnel};

    #[test]
    fn a_key_of_two_peers_is_found() {
        tunnel(&[(KEY, "10.100.0.2/32"), (KEY, "10.100.0.3/32")]).finds(super::RULE, TUNNEL);
    }

    #[test]
    fn an_address_of_two_peers_is_found() {
        tunnel(&[(KEY, "10.100.0.2/32"), (OTHER_KEY, "10.100.0.2/32")]).finds_of(
            super::RULE,
            TUNNEL,
            Severity::Error,
        );
    }

    #[test]
    fn a_range_within_another_is_told() {
        tunnel(&[
            (KEY, "10.100.0.2/32, 192.168.0.0/16"),
            (OTHER_KEY, "10.100.0.3/32, 192.168.7.0/24"),
        ])
        .finds_of(super::RULE, TUNNEL, Severity::Warning);
    }

    #[test]
    fn addresses_that_no_peer_can_have_are_found() {
        for address in [
            "10.100.0.1/32",
            "10.100.0.0/32",
            "10.100.0.255/32",
            "10.101.0.2/32",
        ] {
            tunnel(&[(KEY, address)]).finds(super::RULE, TUNNEL);
        }
    }

    #[test]
    fn peers_side_by_side_are_fine() {
        tunnel(&[
            (KEY, "10.100.0.2/32"),
            (OTHER_KEY, "10.100.0.3/32, 192.168.7.0/24"),
        ])
        .passes(super::RULE);
    }
}
