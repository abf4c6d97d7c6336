//! The plugin's section of a cluster's config.
//!
//! Keys, addresses and the endpoint are plain text here: what they may be is
//! checked where a finding can say more than "does not match the schema".

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::Cidr;

/// An admin VPN.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The DNS name or address by which devices reach the hub from outside,
    /// without a port. Required when there are peers.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The VPN's address range. The hub has its first address.
    #[serde(default = "default_cidr")]
    pub cidr: Cidr,
    /// The UDP port on which the hub listens.
    #[serde(default = "default_port")]
    pub port: NonZeroU16,
    /// The node that is the hub. Only needed where the cluster has more than
    /// one server.
    #[serde(default)]
    pub node: Option<String>,
    /// The hub's public key. The hub makes its key pair when its files are
    /// applied for the first time and prints this half; until it stands here
    /// the devices' files carry a placeholder.
    #[serde(default)]
    pub public_key: Option<String>,
    /// Whether devices reach pods by address, too. Cilium's policy still
    /// refuses what no flow from the VPN's range allows.
    #[serde(default)]
    pub pod_access: bool,
    /// Seconds between the packets with which a device behind NAT keeps its
    /// way back open; 0 for none.
    #[serde(default = "default_keepalive")]
    pub keepalive: u16,
    /// The devices, by name.
    #[serde(default)]
    pub peers: BTreeMap<String, Peer>,
}

/// A device on the VPN.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Peer {
    /// The device's public key: what `wg pubkey` prints there.
    pub public_key: String,
    /// Its address in `cidr`, such as `10.100.0.2`.
    pub address: String,
}

fn default_cidr() -> Cidr {
    "10.100.0.0/24"
        .parse()
        .expect("it is a range without host bits")
}

fn default_port() -> NonZeroU16 {
    NonZeroU16::new(51820).expect("it is not zero")
}

fn default_keepalive() -> u16 {
    25
}
