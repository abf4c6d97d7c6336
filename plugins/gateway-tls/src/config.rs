//! The config as it stands in a stack: shapes only. What a shape cannot say
//! (that a workload exists, that a name can have a certificate) is checked in
//! [`crate::site`] and [`crate::check`].

use std::collections::BTreeMap;
use std::num::NonZeroU16;

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::Cidr;

use crate::issuer::Issuer;
use crate::reference::NamespacedName;

/// Gateway API, cert-manager and the hosts that are served over TLS.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The address under which the ACME accounts are registered. Let's Encrypt
    /// refuses addresses in reserved domains such as example.com.
    pub email: String,
    /// Who signs the hosts' certificates. Begin with staging: its rate limits
    /// forgive mistakes, but browsers do not trust it.
    #[serde(default)]
    pub issuer: Issuer,
    /// The Gateway through which the hosts are reached.
    #[serde(default)]
    pub gateway: GatewaySettings,
    /// How connections from outside reach the Gateway.
    #[serde(default)]
    pub exposure: Exposure,
    /// What is served, by host name. Each host gets a listener, a certificate,
    /// a route and a redirect from HTTP.
    #[serde(default)]
    pub hosts: BTreeMap<String, Host>,
}

/// Name, namespace and class of the Gateway.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GatewaySettings {
    /// Its name.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub name: String,
    /// Its namespace, which also holds the certificates and, while a
    /// certificate is being issued, the ACME solver's pods.
    #[schemars(regex(pattern = DNS_LABEL), length(max = 63))]
    pub namespace: String,
    /// Its `GatewayClass`. Anything but `cilium` has a controller of its own that
    /// you install yourself.
    #[schemars(length(min = 1, max = 253))]
    pub class: String,
}

const DNS_LABEL: &str = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

impl Default for GatewaySettings {
    fn default() -> Self {
        Self {
            name: "gateway".to_owned(),
            namespace: "ingress".to_owned(),
            class: "cilium".to_owned(),
        }
    }
}

/// How connections from outside reach the Gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Exposure {
    /// Envoy listens on ports 80 and 443 of every node. The host firewall sees
    /// these connections.
    #[default]
    HostNetwork,
    /// A `LoadBalancer` address that one of the nodes announces by ARP and NDP.
    /// The host firewall does not see these connections.
    #[serde(rename = "l2")]
    L2 {
        /// Addresses on the nodes' network that nothing else uses.
        #[schemars(length(min = 1))]
        addresses: Vec<Cidr>,
    },
    /// A `LoadBalancer` whose addresses are the nodes' own. The host firewall
    /// does not see these connections.
    #[serde(rename = "nodeIPAM")]
    NodeIpam,
}

/// What answers for a host.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Host {
    /// The Service that answers.
    pub service: NamespacedName,
    /// The Service's port (`ports[].port`).
    pub port: NonZeroU16,
    /// The declared workload behind that Service: policy lets the Gateway reach
    /// its pods.
    pub workload: NamespacedName,
    /// The workload's port that the Service leads to, by name or number.
    /// Without it: the port with the Service's number, else the only TCP port.
    #[serde(default)]
    pub target_port: Option<TargetPort>,
}

/// A declared port of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TargetPort {
    /// By number.
    Number(NonZeroU16),
    /// By name.
    Name(String),
}
