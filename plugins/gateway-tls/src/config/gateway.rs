//! Gateways and how they are reached.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::Cidr;
use ztgit_plugin::cluster::Labels;

use super::{DNS_LABEL, DNS_NAME};

/// A Gateway.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GatewaySettings {
    /// Its name; `gateway` unless given, and for one of `gateways` its key.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub name: Option<String>,
    /// Its namespace, which also holds the certificates and, while a
    /// certificate is being issued, the ACME solver's pods.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub namespace: String,
    /// Its `GatewayClass`. Anything but `cilium` has a controller of its own that
    /// you install yourself.
    #[schemars(length(min = 1, max = 253))]
    pub class: String,
    /// Who signs the certificates of its hosts, instead of the config's
    /// `issuer`.
    #[schemars(length(min = 1))]
    pub issuer: Option<String>,
    /// Addresses that it gets, of those that `exposure` has.
    #[schemars(length(max = 16))]
    pub addresses: Vec<IpAddr>,
    /// The ports that it listens on. On the host network no two Gateways may
    /// have one port.
    pub ports: Ports,
    /// Settings of the TLS listeners that a class other than `cilium` defines,
    /// such as a lowest version of TLS. Cilium reads none: its Envoy takes TLS
    /// 1.2 and 1.3.
    #[schemars(extend("maxProperties" = 16))]
    pub tls_options: BTreeMap<String, String>,
}

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            name: None,
            namespace: "ingress".to_owned(),
            class: "cilium".to_owned(),
            issuer: None,
            addresses: Vec::new(),
            ports: Ports::default(),
            tls_options: BTreeMap::new(),
        }
    }
}

/// The ports of a Gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Ports {
    /// For redirects and ACME challenges. An ACME server asks port 80 alone.
    pub http: NonZeroU16,
    /// For TLS.
    pub https: NonZeroU16,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            http: NonZeroU16::new(80).expect("80 is not 0"),
            https: NonZeroU16::new(443).expect("443 is not 0"),
        }
    }
}

/// How connections from outside reach the Gateways.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Exposure {
    /// Envoy listens on the Gateways' ports of every node. The host firewall
    /// sees these connections.
    #[default]
    HostNetwork,
    /// A `LoadBalancer` address that one of the nodes announces by ARP and NDP.
    /// The host firewall does not see these connections.
    #[serde(rename = "l2")]
    L2 {
        /// Addresses on the nodes' network that nothing else uses.
        #[schemars(length(min = 1))]
        addresses: Vec<Cidr>,
        /// The interfaces to announce on, as regular expressions; all without.
        #[serde(default)]
        interfaces: Vec<String>,
        /// Only nodes with these labels announce.
        #[serde(default)]
        nodes: Labels,
    },
    /// A `LoadBalancer` whose addresses are the nodes' own. The host firewall
    /// does not see these connections.
    #[serde(rename = "nodeIPAM")]
    NodeIpam,
    /// A `LoadBalancer` address that the nodes announce to routers by BGP. The
    /// host firewall does not see these connections.
    Bgp {
        /// Addresses that the routers send to the nodes and that nothing else
        /// uses.
        #[schemars(length(min = 1))]
        addresses: Vec<Cidr>,
        /// The nodes' autonomous system.
        #[serde(rename = "localASN")]
        local_asn: NonZeroU32,
        /// The routers by name.
        #[schemars(extend("minProperties" = 1, "propertyNames" = {"pattern": DNS_LABEL, "maxLength": 63}))]
        peers: BTreeMap<String, BgpPeer>,
        /// Only nodes with these labels speak BGP.
        #[serde(default)]
        nodes: Labels,
    },
}

/// A router.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BgpPeer {
    /// Its address.
    pub address: IpAddr,
    /// Its autonomous system.
    pub asn: NonZeroU32,
    /// A Secret in kube-system whose key `password` authenticates the session
    /// (TCP MD5).
    #[serde(default)]
    #[schemars(regex(pattern = DNS_NAME), length(max = 253))]
    pub password_secret: Option<String>,
    /// How many hops away it is at most; 1 unless given.
    #[serde(default)]
    pub multihop: Option<NonZeroU8>,
}

/// How Envoy writes a request down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AccessLog {
    /// In the format of web servers, which CrowdSec reads.
    Combined,
    /// As JSON, for a log store.
    Json,
}
