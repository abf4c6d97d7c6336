//! The shapes of a stack's files: what authors write, without meaning.
//!
//! Their JSON Schema is what the files are validated against and what
//! `ztgit schema` prints; doc comments are what editors show.

mod flow;
mod flux;
mod policy;

use std::collections::BTreeMap;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::Cidr;
use ztgit_plugin::cluster::{Distribution, Labels, Mode, NodeRole, Protocol, Resolver};

pub use flow::{
    FlowSpec, HttpSpec, IcmpName, IcmpSpec, NodesObject, PeerObject, PeerSpec, PortObject, PortSpec,
};
pub use flux::{FluxLayout, FluxSourceSpec, FluxSpec, FluxVerifySpec};
pub use policy::{
    AppSpec, ConsentSpec, ExposureSpec, GrantSpec, Placement, PluginSpec, VerifySpec,
};

/// `apiVersion` of every file of a stack.
pub const API_VERSION: &str = "ztgit.dev/v1alpha1";

/// A file of a stack.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Document<S> {
    /// `ztgit.dev/v1alpha1`
    pub api_version: String,
    /// `Stack`, `Cluster` or `App`.
    pub kind: String,
    /// What it is called.
    pub metadata: Metadata,
    /// What it says.
    pub spec: S,
}

/// What a file's subject is called.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metadata {
    /// A DNS label.
    pub name: String,
}

/// `stack.yaml`: plugins, what clusters share, and clusters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StackSpec<C> {
    /// The plugins by name. First-party ones are built in and need no source:
    /// `cilium: {}`. Every plugin listed takes part in every cluster, unless a
    /// cluster's `config` says `name: null`.
    #[serde(default)]
    pub plugins: BTreeMap<String, PluginSpec>,
    /// What holds for every cluster that does not say otherwise.
    #[serde(default)]
    pub defaults: Option<C>,
    /// What holds for clusters that name the profile.
    #[serde(default)]
    pub profiles: BTreeMap<String, C>,
    /// The clusters by name; a cluster may have a file of its own under
    /// `clusters/` instead.
    #[serde(default)]
    pub clusters: BTreeMap<String, C>,
}

/// A cluster, merged: defaults, then profiles, then the cluster itself.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClusterSpec {
    /// Profiles that it takes, in this order.
    #[serde(default)]
    pub profiles: Vec<String>,
    /// For placing apps.
    #[serde(default)]
    pub labels: Labels,
    /// What runs Kubernetes: `k3s` (the default) or `kubernetes`.
    #[serde(default = "k3s")]
    pub distribution: Distribution,
    /// The network plugin.
    #[serde(default)]
    pub cni: CniSpec,
    /// How Flux there reads the fleet repository.
    pub flux: FluxSpec,
    /// Address ranges.
    #[serde(default)]
    pub network: NetworkSpec,
    /// API groups that something outside the stack brings, with their version,
    /// such as `monitoring.coreos.com: v1` where the Prometheus operator runs.
    #[serde(default)]
    pub apis: BTreeMap<String, String>,
    /// The nodes by name.
    #[serde(default)]
    pub nodes: BTreeMap<String, NodeSpec>,
    /// The namespaces by name.
    #[serde(default)]
    pub namespaces: BTreeMap<String, NamespaceSpec>,
    /// What holds for namespaces that are not declared.
    #[serde(default)]
    pub undeclared_namespaces: UndeclaredSpec,
    /// Who reaches whom, by name; names are stable and name the policies.
    #[serde(default)]
    pub flows: BTreeMap<String, FlowSpec>,
    /// What apps may reach outside their own namespaces, by the app's name.
    #[serde(default)]
    pub exposure: BTreeMap<String, ExposureSpec>,
    /// Hand-written manifests by name, checked like everything else.
    #[serde(default)]
    pub manifests: BTreeMap<String, ManifestSpec>,
    /// Findings that are accepted here, by a name of their own, each with the
    /// reason, which every report repeats.
    #[serde(default)]
    pub exceptions: BTreeMap<String, ExceptionSpec>,
    /// Each plugin's own config, by the plugin's name; `null` takes the plugin
    /// out of this cluster.
    #[serde(default)]
    pub config: BTreeMap<String, Option<BTreeMap<String, serde_json::Value>>>,
}

fn k3s() -> Distribution {
    Distribution::K3s
}

/// The network plugin.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CniSpec {
    /// `cilium` (the default), or the name of another.
    pub name: String,
    /// Its exact version.
    #[schemars(regex(pattern = r"^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$"))]
    pub version: String,
}

impl Default for CniSpec {
    fn default() -> Self {
        Self {
            name: "cilium".to_owned(),
            version: "1.20.2".to_owned(),
        }
    }
}

/// Address ranges of a cluster.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NetworkSpec {
    /// Of pods; k3s's own, 10.42.0.0/16, by default.
    #[serde(rename = "podCIDRs")]
    pub pod_cidrs: Vec<Cidr>,
    /// Of services; k3s's own, 10.43.0.0/16, by default.
    #[serde(rename = "serviceCIDRs")]
    pub service_cidrs: Vec<Cidr>,
    /// Of nodes; their addresses one by one by default.
    #[serde(rename = "nodeCIDRs")]
    pub node_cidrs: Vec<Cidr>,
}

impl Default for NetworkSpec {
    fn default() -> Self {
        let range = |text: &str| vec![text.parse().expect("a range")];
        Self {
            pod_cidrs: range("10.42.0.0/16"),
            service_cidrs: range("10.43.0.0/16"),
            node_cidrs: Vec::new(),
        }
    }
}

/// A node.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NodeSpec {
    /// `server` or `agent`.
    pub role: NodeRole,
    /// Its addresses, the main one first.
    #[schemars(length(min = 1))]
    pub addresses: Vec<IpAddr>,
    /// Labels of the Node object.
    #[serde(default)]
    pub labels: Labels,
}

/// A namespace.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NamespaceSpec {
    /// `observe` (the default): DNS visibility only. `audit`: the flows as
    /// policies that refuse nothing yet. `enforce`: the same with a default
    /// deny.
    pub mode: Option<Mode>,
    /// Whether ztgit emits the Namespace object; not for `kube-system`,
    /// `default` and Flux's own.
    pub create: Option<bool>,
    /// Labels of the Namespace object.
    pub labels: Labels,
    /// The workloads by name.
    pub workloads: BTreeMap<String, WorkloadSpec>,
    /// The Services by name, as far as the stack should know them.
    pub services: BTreeMap<String, ServiceSpec>,
    /// Namespaces of other owners whose flows may begin or end here.
    #[expect(
        clippy::zero_sized_map_values,
        reason = "a map, so that it merges by name"
    )]
    pub accepts: BTreeMap<String, ConsentSpec>,
}

/// Pods that are one thing to the network.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkloadSpec {
    /// Labels that all its pods have and no others do.
    #[schemars(extend("minProperties" = 1))]
    pub labels: Labels,
    /// The ports that its containers listen on, by name: what a Service calls
    /// `targetPort`.
    #[serde(default)]
    pub ports: BTreeMap<String, WorkloadPortSpec>,
    /// The service account that its pods run as.
    #[serde(default)]
    pub service_account: Option<String>,
    /// Which C library looks up names in its containers: `glibc` (the default)
    /// or `musl`, as in Alpine.
    #[serde(default)]
    pub resolver: Resolver,
}

/// A Service: ztgit does not emit it, but knows then which ports are its own and
/// which are its pods'.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServiceSpec {
    /// The workload of the same namespace whose pods it selects.
    pub workload: String,
    /// Its ports by name.
    #[schemars(extend("minProperties" = 1))]
    pub ports: BTreeMap<String, ServicePortSpec>,
}

/// The port of a Service: a number, where the workload's port of the same name
/// is behind it, or both.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum ServicePortSpec {
    /// What clients connect to.
    Number(u16),
    /// That, and the workload's port behind it.
    Full(ServicePortObject),
}

/// A Service's port, and the workload's port behind it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServicePortObject {
    /// What clients connect to.
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
    /// The name of the workload's port behind it.
    pub target_port: String,
}

impl JsonSchema for ServicePortSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ServicePort".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        flow::or_port_number::<ServicePortObject>(generator)
    }
}

/// A number for TCP, or a port with its protocol.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum WorkloadPortSpec {
    /// A TCP port.
    Number(u16),
    /// A port with its protocol.
    Full(WorkloadPortObject),
}

/// A port with its protocol.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WorkloadPortObject {
    /// 1 to 65535.
    #[schemars(range(min = 1, max = 65535))]
    pub port: u16,
    /// `TCP` (the default), `UDP` or `SCTP`.
    #[serde(default)]
    pub protocol: Protocol,
}

impl JsonSchema for WorkloadPortSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "WorkloadPort".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        flow::or_port_number::<WorkloadPortObject>(generator)
    }
}

/// What holds for namespaces that are not declared.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UndeclaredSpec {
    /// `observe` by default.
    pub mode: Mode,
    /// Namespaces that are left alone; `kube-system` and Flux's always are.
    pub exempt: Vec<String>,
}

impl Default for UndeclaredSpec {
    fn default() -> Self {
        Self {
            mode: Mode::Observe,
            exempt: Vec::new(),
        }
    }
}

/// A finding that is accepted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExceptionSpec {
    /// The finding's code.
    pub code: String,
    /// What it is about, as the finding says: `Kind/namespace/name` or a part of
    /// the stack such as `flows/NAME`. Absent: all findings of this code.
    #[serde(default)]
    pub subject: Option<String>,
    /// Why.
    #[schemars(length(min = 1))]
    pub reason: String,
}

/// A file of hand-written manifests.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ManifestSpec {
    /// Relative to the stack's directory, below `manifests/`.
    #[schemars(regex(pattern = r"^manifests/.+\.ya?ml$"))]
    pub path: String,
    /// When Flux applies them; `apps` by default.
    #[serde(default)]
    pub phase: ManifestPhase,
}

/// Phases that hand-written manifests may be in.
#[derive(Debug, Default, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ManifestPhase {
    /// Custom resource definitions.
    Crds,
    /// Policies that only allow.
    Allow,
    /// Policies that deny.
    Enforce,
    /// Controllers that others need.
    Platform,
    /// Configuration of those controllers.
    Config,
    /// Gateways and routes.
    Ingress,
    /// Everything else.
    #[default]
    Apps,
}
