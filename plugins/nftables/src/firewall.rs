//! What holds on one node, in terms that every back-end can write down.
//!
//! Everything that comes from outside is of a type that cannot carry syntax:
//! addresses, ports, [`Interface`], [`Comment`](crate::comment::Comment),
//! [`LogPrefix`](crate::config::LogPrefix). Names of nodes and clusters are DNS
//! labels.

use std::collections::BTreeSet;

use ztgit_plugin::{Cidr, Cluster};

use crate::address_set::AddressSet;
use crate::config::{Limits, Log};
use crate::interface::Interface;
use crate::opening::{Opening, Openings};
use crate::route::{Route, Routes};
use crate::{Config, Priority};

/// The last line of every file of rules. Whoever loads one looks for it: a file
/// that ends elsewhere is not all there.
pub(crate) const END_MARK: &str = "# ztgit: end of ruleset";

/// How the names of the interfaces begin that pods have, and those through
/// which Cilium brings their traffic from other nodes.
pub(crate) const CILIUM_INTERFACES: [&str; 2] = ["lxc", "cilium_"];

/// The mark of packets on their way to Cilium's proxy, with its mask.
pub(crate) const CILIUM_PROXY: (u32, u32) = (0x200, 0xf00);

/// The firewall of one node.
pub(crate) struct Firewall<'a> {
    /// The cluster's name.
    pub(crate) cluster: &'a str,
    /// The node's.
    pub(crate) node: &'a str,
    /// The priority of the chains.
    pub(crate) priority: Priority,
    /// What is logged.
    pub(crate) log: &'a Log,
    /// How much is let in.
    pub(crate) limits: Limits,
    /// How traffic of pods is told.
    pub(crate) pods_by: PodsBy,
    /// The addresses of all nodes.
    pub(crate) nodes: AddressSet,
    /// The addresses of all pods.
    pub(crate) pods: AddressSet,
    /// Where people come from in an emergency.
    pub(crate) admins: AddressSet,
    /// Who may come in.
    pub(crate) openings: BTreeSet<&'a Opening>,
    /// Who may pass through.
    pub(crate) routes: Vec<&'a Route>,
}

/// How traffic of pods is told from other traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PodsBy {
    /// By Cilium's interfaces, so that nobody outside can pretend.
    CiliumInterface,
    /// By address: of other CNIs the interfaces are not known.
    Address,
}

impl<'a> Firewall<'a> {
    /// What holds on one node of the cluster.
    pub(crate) fn new(
        cluster: &'a Cluster,
        config: &'a Config,
        node: &'a str,
        openings: &'a Openings,
        routes: &'a Routes,
    ) -> Self {
        let addresses = cluster.nodes.values().flat_map(|node| &node.addresses);
        Self {
            cluster: &cluster.name,
            node,
            priority: config.priority,
            log: &config.log,
            limits: config.limits,
            pods_by: if cluster.has_cilium() {
                PodsBy::CiliumInterface
            } else {
                PodsBy::Address
            },
            nodes: addresses.copied().map(Cidr::single).collect(),
            pods: cluster.network.pod_cidrs.iter().copied().collect(),
            admins: config.ssh.admins(),
            openings: openings.on(node),
            routes: routes.on(node).collect(),
        }
    }

    /// The interfaces that lead to somebody who was let in to ports of the
    /// node, and so not to its pods.
    pub(crate) fn tunnels(&self) -> BTreeSet<&Interface> {
        let of_openings = self
            .openings
            .iter()
            .filter_map(|opening| opening.source.interface());
        of_openings
            .chain(self.routes.iter().map(|route| &route.interface))
            .collect()
    }
}
