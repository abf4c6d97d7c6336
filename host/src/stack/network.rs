//! Address ranges: what belongs to different things must not overlap.

use std::collections::BTreeMap;
use std::net::IpAddr;

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
            if let Some((a, b)) = ztgit_plugin::net::first_overlap(left_ranges, right_ranges) {
                diagnostics.push(
                    Diagnostic::error(
                        "cidr-overlap",
                        format!("{a} of {left} overlaps {b} of {right}"),
                    )
                    .at(merged.place(["network", right_key]))
                    .related(merged.place(["network", left_key]), format!("{left} are here"))
                    .hint("an address must tell what it belongs to: choose ranges that do not meet"),
                );
            }
        }
    }
    check_nodes(cluster, merged, diagnostics);
}

fn check_nodes(cluster: &Cluster, merged: &Node, diagnostics: &mut Diagnostics) {
    let mut seen: BTreeMap<IpAddr, &str> = BTreeMap::new();
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
            let ranges = &cluster.network.node_cidrs;
            if !ranges.iter().any(|range| range.contains_address(*address)) {
                diagnostics.push(
                    Diagnostic::error(
                        "node-outside-range",
                        format!("{address} is in none of `network.nodeCIDRs`"),
                    )
                    .at(place)
                    .related(merged.place(["network", "nodeCIDRs"]), "the nodes' ranges")
                    .hint("add the node's range, or leave `nodeCIDRs` out: the addresses count then"),
                );
            }
        }
    }
}
