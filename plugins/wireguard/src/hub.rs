//! Which node is the hub, and its address on the VPN.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ztgit_plugin::cluster::NodeRole;
use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use crate::config::Config;

/// The name of the interface, on the hub and in every path and unit.
pub(crate) const INTERFACE: &str = "wg0";

/// The node at the centre of the VPN.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hub<'a> {
    /// Its name in the cluster.
    pub(crate) node: &'a str,
    /// What it does there: only a server has the Kubernetes API.
    pub(crate) role: NodeRole,
}

impl<'a> Hub<'a> {
    /// The node that the config names, or else the only server.
    pub(crate) fn find(cluster: &'a Cluster, config: &'a Config) -> Result<Self, Diagnostic> {
        let Some(name) = config.node.as_deref() else {
            return Self::only_server(cluster);
        };
        match cluster.nodes.get_key_value(name) {
            Some((node, found)) => Ok(Self {
                node,
                role: found.role,
            }),
            None => Err(
                Diagnostic::error("node-unknown", format!("there is no node `{name}`"))
                    .at_config(["node"])
                    .hint(format!(
                        "name one of the cluster's nodes: {}",
                        names(cluster.nodes.keys())
                    )),
            ),
        }
    }

    fn only_server(cluster: &'a Cluster) -> Result<Self, Diagnostic> {
        let servers: Vec<_> = cluster.nodes_of(NodeRole::Server).collect();
        if let [(node, found)] = servers.as_slice() {
            return Ok(Self {
                node,
                role: found.role,
            });
        }
        let message = match servers.len() {
            0 => "the cluster has no server that could be the VPN's hub".to_owned(),
            count => format!("which of the {count} servers is the VPN's hub is not said"),
        };
        let candidates = names(cluster.nodes.keys());
        Err(Diagnostic::error("node-required", message).hint(format!(
            "set `node` to the one that `endpoint` leads to: {candidates}"
        )))
    }

    /// Whether the Kubernetes API can be reached over the VPN.
    pub(crate) fn serves_api(&self) -> bool {
        self.role == NodeRole::Server
    }
}

/// The hub's address: the first behind the network's own.
pub(crate) fn server_address(range: &Cidr) -> IpAddr {
    match range.net().network() {
        IpAddr::V4(network) => Ipv4Addr::from(u32::from(network).saturating_add(1)).into(),
        IpAddr::V6(network) => Ipv6Addr::from(u128::from(network).saturating_add(1)).into(),
    }
}

fn names<'a>(names: impl Iterator<Item = &'a String>) -> String {
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}
