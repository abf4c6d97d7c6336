//! A VPN for devices.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::NonZeroU16;

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::Cidr;

/// A VPN for devices, with one node as its hub.
#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Hub {
    /// The DNS name or address by which devices reach the hub from outside,
    /// without a port. Required when there are peers.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The VPN's address range. The hub has its first address.
    #[serde(default = "default_cidr")]
    pub cidr: Cidr,
    /// A second range, of IPv6, where `cidr` is of IPv4. The hub has its first
    /// address.
    #[serde(default)]
    pub cidr6: Option<Cidr>,
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
    /// Ranges behind the hub that devices reach through it, such as the
    /// network at home. Who answers there needs a route back to the VPN.
    #[serde(default)]
    pub routes: Vec<Cidr>,
    /// Resolvers that devices use while the VPN is up. Without, they keep
    /// their own.
    #[serde(default)]
    pub dns: Vec<IpAddr>,
    /// Seconds between the packets with which a device behind NAT keeps its
    /// way back open; 0 for none.
    #[serde(default = "default_keepalive")]
    pub keepalive: u16,
    /// The size of the largest packet in the tunnel, where `wg-quick` would not
    /// find the right one.
    #[serde(default)]
    #[schemars(range(min = 1280, max = 9000))]
    pub mtu: Option<u16>,
    /// The metric of the routes to the peers' networks: of two interfaces that
    /// lead to the same one, the lower metric is used.
    #[serde(default = "super::mesh::default_metric")]
    #[schemars(range(min = 1))]
    pub metric: u32,
    /// The devices, by name.
    #[serde(default)]
    pub peers: BTreeMap<String, Peer>,
}

/// A device on the VPN.
#[derive(Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Peer {
    /// The device's public key: what `wg pubkey` prints there.
    pub public_key: String,
    /// Its address in `cidr`, such as `10.100.0.2`.
    pub address: String,
    /// Its address in `cidr6`.
    #[serde(default)]
    pub address6: Option<String>,
    /// The networks behind it, where it is the router of a site.
    #[serde(default)]
    pub networks: Vec<Cidr>,
    /// A file on the hub, such as `/etc/wireguard/laptop.psk`, with the key
    /// that hub and device share besides their key pairs. Never the key itself.
    #[serde(default)]
    pub preshared_key_file: Option<String>,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            endpoint: None,
            cidr: default_cidr(),
            cidr6: None,
            port: default_port(),
            node: None,
            public_key: None,
            pod_access: false,
            routes: Vec::new(),
            dns: Vec::new(),
            keepalive: default_keepalive(),
            mtu: None,
            metric: super::mesh::default_metric(),
            peers: BTreeMap::new(),
        }
    }
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
