//! Networks behind a peer: what is routed to it besides its own addresses.

use std::collections::BTreeMap;
use std::net::IpAddr;

use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use crate::section::Section;
use crate::subnets::Subnets;

/// Why no peer may have all addresses. `wg-quick` would send everything
/// through the tunnel, and to do so sets `src_valid_mark`, with which the
/// kernel drops what Cilium's proxy marks (cilium/cilium issue 48706).
const EVERYTHING: &str =
    "sends all of the node's traffic into the tunnel and breaks Cilium's DNS and HTTP policy";

/// Whose networks they are, and where they stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    /// The interface.
    pub(crate) section: Section<'a>,
    /// The key of the map that has the peer.
    pub(crate) map: &'a str,
    /// The peer.
    pub(crate) name: &'a str,
}

impl<'a> Owner<'a> {
    /// Every network that cannot be routed to this peer of an interface with
    /// those subnets, whatever other peers have.
    pub(crate) fn check(
        self,
        networks: &[Cidr],
        subnets: &Subnets,
        cluster: &Cluster,
        findings: &mut Vec<Diagnostic>,
    ) {
        for (index, network) in networks.iter().enumerate() {
            if network.net().prefix_len() == 0 {
                let message = format!("{network} {EVERYTHING}");
                findings.push(
                    self.error(index, "network-everything", message)
                        .hint("name the networks behind the peer"),
                );
            } else if let Some(whose) = taken(network, subnets, cluster) {
                findings.push(
                    self.error(
                        index,
                        "network-overlap",
                        format!("{network} overlaps {whose}"),
                    )
                    .hint("name only networks that lie behind the peer"),
                );
            }
        }
    }

    /// Networks that another peer has already. Every packet goes to one peer:
    /// `wg` takes a range away from the first without a word.
    pub(crate) fn claim(
        self,
        networks: &'a [Cidr],
        claimed: &mut BTreeMap<Cidr, &'a str>,
        findings: &mut Vec<Diagnostic>,
    ) {
        for (index, network) in networks.iter().enumerate() {
            let first = claimed.iter().find(|(other, _)| other.overlaps(network));
            if let Some((other, first)) = first {
                let message = format!("{network} overlaps {other}, which is `{first}`'s");
                findings.push(
                    self.error(index, "network-overlap", message)
                        .hint("a network lies behind one peer"),
                );
            } else {
                claimed.insert(*network, self.name);
            }
        }
    }

    /// An address that must not be routed into the tunnel, because the tunnel
    /// itself or its end needs it.
    pub(crate) fn keep_out(
        self,
        networks: &[Cidr],
        address: IpAddr,
        whose: &str,
        findings: &mut Vec<Diagnostic>,
    ) {
        let around =
            |network: &Cidr| network.net().prefix_len() > 0 && network.contains_address(address);
        if let Some(index) = networks.iter().position(around) {
            let message = format!("{} contains {address}, {whose}", networks[index]);
            findings.push(
                self.error(index, "network-loop", message)
                    .hint("set another `endpoint`, or name smaller networks: the tunnel's own way must not lead through it"),
            );
        }
    }

    fn error(self, index: usize, code: &str, message: String) -> Diagnostic {
        let at = [self.map, self.name, "networks", &index.to_string()];
        self.section.error(&at, code, message)
    }
}

fn taken(network: &Cidr, subnets: &Subnets, cluster: &Cluster) -> Option<String> {
    let own = subnets
        .iter()
        .map(|range| (range, "the interface's own range"));
    let pods = cluster
        .network
        .pod_cidrs
        .iter()
        .map(|range| (range, "the range of pods"));
    let services = cluster.network.service_cidrs.iter();
    let services = services.map(|range| (range, "the range of services"));
    own.chain(pods)
        .chain(services)
        .find(|(range, _)| range.overlaps(network))
        .map(|(range, whose)| format!("{range}, {whose}"))
}
