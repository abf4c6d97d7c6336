//! The address families of a cluster, as k3s wants them: for pods and for
//! services at most one range of each family, both in the same order, and on
//! every node one address of each.

use std::net::IpAddr;

use ztgit_plugin::cluster::Node;
use ztgit_plugin::{Cidr, Cluster, Diagnostic};

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    V4,
    V6,
}

/// The families that a cluster has, the primary one first.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Families(Vec<Family>);

impl Family {
    fn of_range(range: &Cidr) -> Self {
        if range.is_ipv4() { Self::V4 } else { Self::V6 }
    }

    fn of_address(address: IpAddr) -> Self {
        if address.is_ipv4() {
            Self::V4
        } else {
            Self::V6
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        }
    }
}

impl Families {
    /// The families of the pods' ranges; whatever k3s would not start with is
    /// reported.
    pub(crate) fn of(cluster: &Cluster, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let pods = families(&cluster.network.pod_cidrs, "podCIDRs", diagnostics);
        let services = families(&cluster.network.service_cidrs, "serviceCIDRs", diagnostics);
        if pods != services {
            diagnostics.push(
                Diagnostic::error(
                    "families-differ",
                    "pods and services have not the same address families in the same order",
                )
                .at_cluster(["network", "serviceCIDRs"])
                .hint("give both one range of each family, the primary one first"),
            );
        }
        for (name, node) in &cluster.nodes {
            for family in pods
                .iter()
                .filter(|family| address(node, **family).is_none())
            {
                diagnostics.push(missing_address(name, *family));
            }
        }
        Self(pods)
    }

    /// The addresses under which a node joins the cluster: the first of each
    /// family, the primary one first.
    pub(crate) fn addresses(&self, node: &Node) -> impl Iterator<Item = IpAddr> {
        self.0.iter().filter_map(|family| address(node, *family))
    }
}

fn address(node: &Node, family: Family) -> Option<IpAddr> {
    node.addresses
        .iter()
        .copied()
        .find(|address| Family::of_address(*address) == family)
}

fn families(ranges: &[Cidr], key: &str, diagnostics: &mut Vec<Diagnostic>) -> Vec<Family> {
    let mut found = Vec::new();
    if ranges.is_empty() {
        diagnostics.push(
            Diagnostic::error("no-range", format!("`{key}` names no range"))
                .at_cluster(["network", key]),
        );
    }
    for (index, range) in ranges.iter().enumerate() {
        let family = Family::of_range(range);
        if found.contains(&family) {
            diagnostics.push(
                Diagnostic::error(
                    "second-range",
                    format!(
                        "{range} is a second {} range, and k3s takes one",
                        family.name()
                    ),
                )
                .at_cluster(["network", key, &index.to_string()])
                .hint("use one larger range"),
            );
        } else {
            found.push(family);
        }
    }
    found
}

fn missing_address(node: &str, family: Family) -> Diagnostic {
    let family = family.name();
    Diagnostic::error(
        "no-address",
        format!("node `{node}` has no {family} address"),
    )
    .at_cluster(["nodes", node, "addresses"])
    .hint(format!(
        "add its {family} address: the pods' ranges have that family"
    ))
}
