//! The address ranges of an interface.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use crate::section::Section;

/// One range, or one of each family, IPv4 first.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subnets {
    first: Cidr,
    second: Option<Cidr>,
}

/// An address that no peer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reserved {
    /// It names the range.
    Network,
    /// It is everybody in it.
    Broadcast,
}

impl Subnets {
    /// The ranges as configured, whatever they are.
    pub(crate) fn new(cidr: Cidr, cidr6: Option<Cidr>) -> Self {
        Self {
            first: cidr,
            second: cidr6,
        }
    }

    /// The ranges.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Cidr> {
        [&self.first].into_iter().chain(&self.second)
    }

    /// Whether one of them has addresses of that family.
    pub(crate) fn has_family_of(&self, range: &Cidr) -> bool {
        self.iter().any(|own| own.is_ipv4() == range.is_ipv4())
    }

    /// Whether one of them holds the address.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.iter().any(|range| range.contains_address(address))
    }

    /// The first address of each.
    pub(crate) fn first_addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.iter().map(first_address)
    }

    /// An address with the prefix of its range, as an interface has it.
    pub(crate) fn with_prefix(&self, address: IpAddr) -> String {
        let range = self.iter().find(|range| range.contains_address(address));
        let prefix = range.map(|range| range.net().prefix_len());
        let prefix = prefix.expect("addresses are checked to be within");
        format!("{address}/{prefix}")
    }

    /// Families, sizes, and whom the ranges belong to already.
    pub(crate) fn check(
        &self,
        section: Section<'_>,
        cluster: &Cluster,
        findings: &mut Vec<Diagnostic>,
    ) {
        let Self { first, second } = self;
        if let Some(second) = second
            && (!first.is_ipv4() || second.is_ipv4())
        {
            findings.push(
                section
                    .error(
                        &["cidr6"],
                        "cidr-family",
                        format!("{second} beside {first}"),
                    )
                    .hint("put the IPv4 range into `cidr` and the IPv6 range into `cidr6`"),
            );
        }
        for (range, key) in self.iter().zip(["cidr", "cidr6"]) {
            findings.extend(too_small(section, key, range));
            findings.extend(taken(section, key, range, cluster));
        }
    }
}

/// Whether an address of a range is one of those that no peer may have. IPv6
/// has no broadcast.
pub(crate) fn reserved(range: &Cidr, address: IpAddr) -> Option<Reserved> {
    let net = range.net();
    if address == net.network() {
        Some(Reserved::Network)
    } else if address.is_ipv4() && address == net.broadcast() {
        Some(Reserved::Broadcast)
    } else {
        None
    }
}

/// The first behind the network's own.
pub(crate) fn first_address(range: &Cidr) -> IpAddr {
    match range.net().network() {
        IpAddr::V4(network) => Ipv4Addr::from(u32::from(network).saturating_add(1)).into(),
        IpAddr::V6(network) => Ipv6Addr::from(u128::from(network).saturating_add(1)).into(),
    }
}

fn too_small(section: Section<'_>, key: &str, range: &Cidr) -> Option<Diagnostic> {
    let net = range.net();
    (net.max_prefix_len() - net.prefix_len() < 2).then(|| {
        section
            .error(
                &[key],
                "cidr-small",
                format!("{net} has no room for two peers"),
            )
            .hint("take a wider range, such as 10.100.0.0/24")
    })
}

/// Nodes may have addresses in the range of a mesh: theirs on that mesh.
fn taken(section: Section<'_>, key: &str, range: &Cidr, cluster: &Cluster) -> Vec<Diagnostic> {
    let network = &cluster.network;
    let nodes = match section {
        Section::Mesh(_) => [].as_slice(),
        Section::TopLevel | Section::Interface(_) => &network.node_cidrs,
    };
    let others = [
        ("pods", network.pod_cidrs.as_slice()),
        ("services", &network.service_cidrs),
        ("nodes", nodes),
    ];
    let mut findings = Vec::new();
    for (whose, ranges) in others {
        for other in ranges.iter().filter(|other| other.overlaps(range)) {
            let message = format!("{range} overlaps {other}, the range of {whose}");
            findings.push(
                section
                    .error(&[key], "cidr-overlap", message)
                    .hint("take a private range that nothing else uses"),
            );
        }
    }
    findings
}
