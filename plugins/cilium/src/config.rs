//! What a stack may say under `config.cilium`.
//!
//! The version is not here: it stands in `cni.version`, because other plugins
//! look at it too. Every knob has a default that fits a cluster of any size.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Cilium: its installation, and policy from flows.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Config {
    /// How traffic between pods on different nodes is encrypted.
    pub encryption: Encryption,
    /// What is observed of the traffic, and where it can be seen.
    pub hubble: Hubble,
    /// Where the agents reach the API server without kube-proxy. k3s serves it
    /// on every node at 127.0.0.1:6444, which is the default there; elsewhere
    /// it has to be said.
    pub api_server: Option<ApiServer>,
    /// Whether the cloud metadata endpoints (169.254.169.254 and
    /// `fd00:ec2::254`) are refused to every pod outside the exempt namespaces,
    /// whatever the mode of its namespace.
    pub deny_metadata: bool,
    /// DNS names outside the cluster that every pod may look up. What a flow
    /// reaches by name is added for its own pods. `*.` in front stands for one
    /// label.
    pub dns_names: Vec<String>,
    /// The cluster's DNS domain.
    pub cluster_domain: String,
    /// Further hosts that Flux fetches from on port 443, such as those of
    /// charts. The fleet repository's own host is known.
    pub flux_hosts: Vec<String>,
    /// Values for the chart, as in its `values.yaml`, laid over everything
    /// that ztgit and other plugins set (JSON Merge Patch: `null` takes a key
    /// out, lists replace).
    pub values: BTreeMap<String, Value>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            encryption: Encryption::default(),
            hubble: Hubble::default(),
            api_server: None,
            deny_metadata: true,
            dns_names: Vec::new(),
            cluster_domain: "cluster.local".to_owned(),
            flux_hosts: Vec::new(),
            values: BTreeMap::new(),
        }
    }
}

/// How traffic between nodes is encrypted. Traffic within a node never is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Encryption {
    /// Not at all.
    None,
    /// WireGuard. The first packets to a pod that an agent has not heard of
    /// yet may leave in the clear.
    #[default]
    Wireguard,
    /// WireGuard, and what would leave in the clear is dropped.
    Strict,
}

/// What is observed of the traffic.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Hubble {
    /// Collects the flows of all nodes in one place, for `hubble observe`.
    pub relay: bool,
    /// The web interface. Needs the relay.
    pub ui: bool,
    /// Metrics that each agent counts, in the chart's notation.
    pub metrics: Vec<String>,
    /// Writes every flow to /var/run/cilium/hubble/events.log on its node,
    /// for a log shipper; the agents' memory holds a few thousand flows only.
    pub export: bool,
}

impl Default for Hubble {
    fn default() -> Self {
        let metrics = ["dns", "drop", "tcp", "flow", "port-distribution", "policy"];
        Self {
            relay: true,
            ui: false,
            metrics: metrics.map(str::to_owned).to_vec(),
            export: false,
        }
    }
}

/// An address of the API server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiServer {
    /// A name or an address that every node reaches without kube-proxy.
    pub host: String,
    /// Its port.
    pub port: u16,
}
