//! Address ranges: what belongs to different things must not overlap.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::IpNet;
use ztgit_plugin::Cidr;
use ztgit_plugin::cluster::Cluster;

use super::node::Node;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// Reports overlapping ranges, and nodes outside the ranges of nodes or with
/// an address that another has.
pub(super) fn check(cluster: &Cluster, merged: &Node, diagnostics: &mut Diagnostics) {
    let network = &cluster.network;
    let ranges: [(&str, &str, &[Cidr]); 3] = [
        ("pods", "podCIDRs", &network.pod_cidrs),
        ("services", "serviceCIDRs", &network.service_cidrs),
        ("nodes", "nodeCIDRs", &network.node_cidrs),
    ];
    for (index, (left, left_key, left_ranges)) in ranges.iter().enumerate() {
        for (right, right_key, right_ranges) in &ranges[index + 1..] {
            if let Some((a, b)) = first_overlap(left_ranges, &Ranges::of(right_ranges)) {
                diagnostics.push(
                    Diagnostic::error(
                        "cidr-overlap",
                        format!("{a} of {left} overlaps {b} of {right}"),
                    )
                    .at(merged.place(["network", right_key]))
                    .related(
                        merged.place(["network", left_key]),
                        format!("{left} are here"),
                    )
                    .hint(
                        "an address must tell what it belongs to: choose ranges that do not meet",
                    ),
                );
            }
        }
    }
    check_nodes(cluster, merged, diagnostics);
}

fn check_nodes(cluster: &Cluster, merged: &Node, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<IpAddr, &str> = BTreeMap::new();
    let ranges = Ranges::of(&cluster.network.node_cidrs);
    for (name, node) in &cluster.nodes {
        for (index, address) in node.addresses.iter().enumerate() {
            let index = index.to_string();
            let place = merged.place(["nodes", name, "addresses", &index]);
            if let Some(other) = seen.get(address) {
                diagnostics.push(
                    Diagnostic::error(
                        "duplicate-address",
                        format!("{address} is already node `{other}`'s"),
                    )
                    .at(place),
                );
            }
            seen.entry(*address).or_insert(name);
            if ranges.around(Cidr::single(*address).net()).is_none() {
                diagnostics.push(
                    Diagnostic::error(
                        "node-outside-range",
                        format!("{address} is in none of `network.nodeCIDRs`"),
                    )
                    .at(place)
                    .related(merged.place(["network", "nodeCIDRs"]), "the nodes' ranges")
                    .hint(
                        "add the node's range, or leave `nodeCIDRs` out: the addresses count then",
                    ),
                );
            }
        }
    }
}

/// Ranges in order: one that meets another is found without looking at all of
/// them, of which a large file has many.
struct Ranges(BTreeSet<IpNet>);

impl Ranges {
    fn of(ranges: &[Cidr]) -> Self {
        Self(ranges.iter().map(Cidr::net).collect())
    }

    /// One that has all of this range.
    fn around(&self, range: IpNet) -> Option<IpNet> {
        let mut wider = Some(range);
        while let Some(net) = wider {
            if self.0.contains(&net) {
                return wider;
            }
            wider = net.supernet();
        }
        None
    }

    /// One that lies in this range: if there is any, the next one does.
    fn within(&self, range: IpNet) -> Option<IpNet> {
        self.0
            .range(range..)
            .next()
            .copied()
            .filter(|next| range.contains(next))
    }
}

fn first_overlap(left: &[Cidr], right: &Ranges) -> Option<(IpNet, IpNet)> {
    left.iter().map(Cidr::net).find_map(|range| {
        let other = right.around(range).or_else(|| right.within(range));
        other.map(|other| (range, other))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranges(texts: &[&str]) -> Vec<Cidr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn ranges_that_meet_are_found_as_by_looking_at_all_of_them() {
        let all = [
            "10.0.0.0/8",
            "10.42.0.0/16",
            "10.42.128.0/17",
            "10.43.0.0/16",
            "0.0.0.0/0",
            "192.168.1.0/24",
            "192.168.1.10/32",
            "fd00::/8",
            "fd00:42::/56",
            "::/0",
        ];
        for left in all {
            for right in all {
                let (left, right) = (ranges(&[left]), ranges(&[right, "203.0.113.0/24"]));
                let expected = ztgit_plugin::net::first_overlap(&left, &right).is_some();
                let found = first_overlap(&left, &Ranges::of(&right)).is_some();
                assert_eq!(found, expected, "{left:?} {right:?}");
            }
        }
    }
}
