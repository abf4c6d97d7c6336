//! What a stack may say under `config.cilium`.
//!
//! The version is not here: it stands in `cni.version`, because other plugins
//! look at it too. Every knob has a default that fits a cluster of any size.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod policy;

pub use policy::{Admission, AdmissionMode, Backend, Probes};

/// Cilium: its installation, and policy from flows.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of a file, each for itself"
)]
pub struct Config {
    /// How traffic between pods on different nodes is encrypted.
    pub encryption: Encryption,
    /// Whether WireGuard also encrypts what nodes themselves send and receive.
    /// Beta, and never on control-plane nodes, which opt out of it.
    pub node_encryption: bool,
    /// Lets everything through that a policy would refuse at layer 3 and 4,
    /// and reports it instead: for the whole cluster, whatever the modes of
    /// its namespaces. What refuses requests and DNS look-ups still does.
    pub policy_audit_mode: bool,
    /// Who installs Cilium on a cluster that has no network yet.
    pub bootstrap: Bootstrap,
    /// What is observed of the traffic, and where it can be seen.
    pub hubble: Hubble,
    /// The alert on refused connections and the monitor of Hubble's metrics,
    /// where `apis` of the cluster has `monitoring.coreos.com`.
    pub monitoring: Monitoring,
    /// Where the agents reach the API server without kube-proxy. k3s serves it
    /// on every node at 127.0.0.1:6444, which is the default there; elsewhere
    /// it has to be said.
    pub api_server: Option<ApiServer>,
    /// Which kind of object flows become.
    pub policy: Backend,
    /// What the API server says to changes past the stack.
    pub admission: Admission,
    /// Tries in the cluster what flows allow, and some of what they do not;
    /// absent for nothing of the kind.
    pub probes: Option<Probes>,
    /// Whether the cloud metadata endpoints (169.254.169.254 and
    /// `fd00:ec2::254`) are refused to every pod outside the exempt namespaces,
    /// whatever the mode of its namespace.
    pub deny_metadata: bool,
    /// Whether pods of kube-system reach only the API server, the cluster's
    /// DNS, and what baselines and flows name: a guardrail around what tenants
    /// cannot see. Charts that are installed by pods there need a flow.
    pub deny_system_egress: bool,
    /// DNS names outside the cluster that every pod may look up. What a flow
    /// reaches by name is added for its own pods. `*.` in front stands for one
    /// label.
    pub dns_names: Vec<String>,
    /// Domains that the nodes' own resolvers append to names, as `search` in
    /// /etc/resolv.conf: pods have them too, and those with musl find nothing
    /// where such a look-up is refused.
    pub search_domains: Vec<String>,
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
            node_encryption: false,
            policy_audit_mode: false,
            bootstrap: Bootstrap::default(),
            hubble: Hubble::default(),
            monitoring: Monitoring::default(),
            api_server: None,
            policy: Backend::default(),
            admission: Admission::default(),
            probes: None,
            deny_metadata: true,
            deny_system_egress: false,
            dns_names: Vec::new(),
            search_domains: Vec::new(),
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

/// Who installs Cilium on a cluster that has no network yet: Flux cannot,
/// because its own pods need one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Bootstrap {
    /// On k3s, its Helm controller, from a file on the servers that ztgit
    /// writes once; Flux then takes the release over. Elsewhere as `manual`.
    #[default]
    HelmController,
    /// You, with `helm install cilium --namespace kube-system`. Also for k3s
    /// that runs with `disable-helm-controller`.
    Manual,
}

/// What is observed of the traffic.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Hubble {
    /// Collects the flows of all nodes in one place, for `hubble observe`.
    pub relay: bool,
    /// The web interface. Needs the relay.
    pub ui: bool,
    /// Metrics that each agent counts, in the chart's notation. The alert needs
    /// `drop`, and names namespaces if the metric has them as labels.
    pub metrics: Vec<String>,
    /// Writes every flow to /var/run/cilium/hubble/events.log on its node,
    /// for a log shipper; the agents' memory holds a few thousand flows only.
    pub export: bool,
}

impl Default for Hubble {
    fn default() -> Self {
        let metrics = [
            "dns",
            "drop:labelsContext=source_namespace,destination_namespace",
            "tcp",
            "flow",
            "port-distribution",
            "policy",
        ];
        Self {
            relay: true,
            ui: false,
            metrics: metrics.map(str::to_owned).to_vec(),
            export: false,
        }
    }
}

/// What the Prometheus operator is given.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Monitoring {
    /// Labels by which the operator picks up rules and monitors, such as
    /// `release: kube-prometheus-stack`.
    pub labels: BTreeMap<String, String>,
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
