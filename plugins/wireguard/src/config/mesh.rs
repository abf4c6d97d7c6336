//! A VPN between nodes.

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::Cidr;

/// A VPN in which every member speaks to every other directly.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mesh {
    /// The mesh's address range.
    pub cidr: Cidr,
    /// A second range, of IPv6, where `cidr` is of IPv4.
    #[serde(default)]
    pub cidr6: Option<Cidr>,
    /// The UDP port on which every member listens.
    pub port: NonZeroU16,
    /// Seconds between the packets with which members behind NAT keep their
    /// way back open; 0 for none.
    #[serde(default)]
    pub keepalive: u16,
    /// The size of the largest packet in the tunnel, where `wg-quick` would not
    /// find the right one.
    #[serde(default)]
    #[schemars(range(min = 1280, max = 9000))]
    pub mtu: Option<u16>,
    /// The metric of the routes through this mesh: of two interfaces that lead
    /// to the same network, the lower metric is used.
    #[serde(default = "default_metric")]
    #[schemars(range(min = 1))]
    pub metric: u32,
    /// A file on every member, such as `/etc/wireguard/mesh.psk`, with the key
    /// that all share besides their key pairs. Never the key itself.
    #[serde(default)]
    pub preshared_key_file: Option<String>,
    /// The members: nodes of the cluster.
    pub nodes: BTreeMap<String, Member>,
}

/// A node in a mesh.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Member {
    /// The node's public key for this mesh. The node makes its key pair when
    /// its files are applied for the first time and prints this half; until it
    /// stands here no other member knows this one.
    #[serde(default)]
    pub public_key: Option<String>,
    /// Its address in `cidr`. Not needed where the node has an address in that
    /// range in the cluster.
    #[serde(default)]
    pub address: Option<String>,
    /// Its address in `cidr6`.
    #[serde(default)]
    pub address6: Option<String>,
    /// The DNS name or address by which the others reach it, without a port.
    /// Not needed where its first address outside the mesh is that.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The networks behind it, that the others reach through it.
    #[serde(default)]
    pub networks: Vec<Cidr>,
}

pub(super) fn default_metric() -> u32 {
    100
}
