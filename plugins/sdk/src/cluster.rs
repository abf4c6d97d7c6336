//! What a plugin is told of the cluster: merged, checked, canonical.
//!
//! The stack's shorthands are resolved before a plugin sees them: a peer is
//! one of [`Peer`], a named port is a number, defaults are filled in.

use std::collections::BTreeMap;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::net::Cidr;

/// Key and value pairs as Kubernetes has them.
pub type Labels = BTreeMap<String, String>;

/// One cluster of the stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cluster {
    /// Its name in the stack, a DNS label.
    pub name: String,
    /// For placing apps and choosing clusters.
    #[serde(default)]
    pub labels: Labels,
    /// What runs Kubernetes there.
    pub distribution: Distribution,
    /// Its network plugin.
    pub cni: Cni,
    /// How Flux there reads the fleet repository.
    pub flux: Flux,
    /// Its address ranges.
    pub network: Network,
    /// API groups that something outside the stack brings, with their version:
    /// only objects of these may be emitted besides the stack's own.
    #[serde(default)]
    pub apis: BTreeMap<String, String>,
    /// Its nodes by name.
    #[serde(default)]
    pub nodes: BTreeMap<String, Node>,
    /// The declared namespaces by name.
    #[serde(default)]
    pub namespaces: BTreeMap<String, Namespace>,
    /// What holds for every other namespace.
    pub undeclared_namespaces: UndeclaredNamespaces,
    /// The declared flows by name.
    #[serde(default)]
    pub flows: BTreeMap<String, Flow>,
}

/// What runs Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Distribution {
    /// k3s: one binary, configured under /etc/rancher/k3s.
    K3s,
    /// Anything else that speaks Kubernetes; no host files for it.
    Kubernetes,
}

/// The network plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cni {
    /// `cilium`, or the name of another.
    pub name: String,
    /// Its version, such as `1.20.2`.
    pub version: String,
}

/// How Flux reads the fleet repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Flux {
    /// Where Flux itself lives.
    pub namespace: String,
    /// The source that the rendered Kustomizations refer to.
    pub source: FluxSource,
}

/// A Flux source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FluxSource {
    /// Its kind.
    pub kind: SourceKind,
    /// Its name in Flux's namespace.
    pub name: String,
    /// Where it fetches from: `https://`, `http://`, `ssh://` or `oci://`.
    pub url: String,
}

/// Kinds of Flux sources that can hold a fleet repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SourceKind {
    /// A git repository.
    GitRepository,
    /// An artifact in an OCI registry.
    OCIRepository,
    /// What another controller makes.
    ExternalArtifact,
}

/// Address ranges of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// Of pods.
    #[serde(rename = "podCIDRs")]
    pub pod_cidrs: Vec<Cidr>,
    /// Of services.
    #[serde(rename = "serviceCIDRs")]
    pub service_cidrs: Vec<Cidr>,
    /// Of nodes.
    #[serde(rename = "nodeCIDRs")]
    pub node_cidrs: Vec<Cidr>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// What it does in the cluster.
    pub role: NodeRole,
    /// Its addresses in `network.nodeCIDRs`, the first being the main one.
    pub addresses: Vec<IpAddr>,
    /// As on the Node object.
    #[serde(default)]
    pub labels: Labels,
}

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NodeRole {
    /// Runs the control plane (and workloads, unless tainted).
    Server,
    /// Runs workloads.
    Agent,
}

/// A declared namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    /// How far its policy goes.
    pub mode: Mode,
    /// Whether ztgit emits the Namespace object.
    pub create: bool,
    /// Labels of the Namespace object.
    #[serde(default)]
    pub labels: Labels,
    /// Its workloads by name.
    #[serde(default)]
    pub workloads: BTreeMap<String, Workload>,
    /// Its Services by name, where the stack knows them.
    #[serde(default)]
    pub services: BTreeMap<String, Service>,
}

/// How far the policy of a namespace goes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Nothing but DNS visibility.
    Observe,
    /// Its flows as policies that refuse nothing yet.
    Audit,
    /// The same and a default deny.
    Enforce,
}

impl Mode {
    /// The mode as it stands in a stack.
    pub fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Audit => "audit",
            Self::Enforce => "enforce",
        }
    }
}

/// Pods that are one thing to the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// Labels that all its pods have and no others do.
    pub labels: Labels,
    /// The ports its containers listen on (`targetPort`, not the Service's).
    #[serde(default)]
    pub ports: BTreeMap<String, WorkloadPort>,
    /// The service account that its pods run as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_account: Option<String>,
    /// Which C library looks up names in its containers.
    #[serde(default)]
    pub resolver: Resolver,
}

/// Which C library looks up names: they differ in what they do when a name of
/// the search list is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Resolver {
    /// glibc, and whatever else goes on with the next name.
    #[default]
    Glibc,
    /// musl, as in Alpine: gives up at the first refusal.
    Musl,
}

/// A Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// The workload of the same namespace whose pods it selects.
    pub workload: String,
    /// Its ports by name.
    pub ports: BTreeMap<String, ServicePort>,
}

/// A port of a Service. Policies see the target port alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServicePort {
    /// What clients connect to.
    pub port: u16,
    /// What the container listens on.
    pub target_port: u16,
    /// Its protocol.
    pub protocol: Protocol,
}

/// A port that a container listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadPort {
    /// 1 to 65535.
    pub port: u16,
    /// Its protocol.
    pub protocol: Protocol,
}

/// A transport protocol.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// TCP
    #[default]
    Tcp,
    /// UDP
    Udp,
    /// SCTP
    Sctp,
}

impl Protocol {
    /// In upper case, as Kubernetes writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

/// What holds for namespaces that the stack does not declare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UndeclaredNamespaces {
    /// Their mode.
    pub mode: Mode,
    /// Those that are left alone altogether.
    pub exempt: Vec<String>,
}

/// The unit of intent: who may (or may not) reach whom.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Flow {
    /// Who opens the connection.
    pub from: Peer,
    /// Who is reached.
    pub to: Peer,
    /// On which ports; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<FlowPort>,
    /// These ICMP messages, instead of ports.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub icmp: Vec<Icmp>,
    /// Only these requests; empty for no look into the stream.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub http: Vec<HttpMatch>,
    /// Only TLS connections for these names (SNI).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub server_names: Vec<String>,
    /// Whether the CNI has to authenticate both ends.
    #[serde(default, skip_serializing_if = "Authentication::is_none")]
    pub authentication: Authentication,
    /// Whether it is allowed or denied.
    #[serde(default, skip_serializing_if = "Action::is_allow")]
    pub action: Action,
}

/// Whether a flow is allowed or denied.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It works.
    #[default]
    Allow,
    /// It is refused, whatever else allows it.
    Deny,
}

impl Action {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_allow(&self) -> bool {
        *self == Self::Allow
    }
}

/// Whether the CNI authenticates both ends of a connection.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Authentication {
    /// It does not.
    #[default]
    None,
    /// A connection without is refused.
    Required,
}

impl Authentication {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// A kind of ICMP message.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Icmp {
    /// ICMP or `ICMPv6`.
    #[serde(default)]
    pub family: IpFamily,
    /// The type's number: 8 is IPv4's echo request, 128 is IPv6's.
    #[serde(rename = "type")]
    pub message_type: u8,
}

/// A family of addresses.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum IpFamily {
    /// IPv4
    #[default]
    IPv4,
    /// IPv6
    IPv6,
}

/// One end of a flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Peer {
    /// A declared workload.
    Workload {
        /// Its namespace.
        namespace: String,
        /// Its name there.
        name: String,
    },
    /// Pods by label, declared or not; no labels for all of the namespace.
    Pods {
        /// Their namespace.
        namespace: String,
        /// Their labels.
        #[serde(default, skip_serializing_if = "Labels::is_empty")]
        labels: Labels,
    },
    /// Nodes of the cluster by label; no labels for all of them.
    Nodes {
        /// Their labels.
        #[serde(default, skip_serializing_if = "Labels::is_empty")]
        labels: Labels,
    },
    /// Something that is not a pod.
    Entity(Entity),
    /// An address range outside the cluster.
    Cidr {
        /// The range.
        range: Cidr,
        /// Less these.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        except: Vec<Cidr>,
    },
    /// A DNS name outside the cluster; `*.` in front stands for one label.
    Fqdn(String),
}

/// Things on a network that are not pods.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Entity {
    /// The cluster's Gateways.
    Gateway,
    /// Everything outside the cluster.
    World,
    /// Everything inside it.
    Cluster,
    /// The node that the pod runs on.
    Host,
    /// The other nodes.
    RemoteNode,
    /// The API server.
    KubeApiserver,
    /// The health checks of the CNI.
    Health,
}

/// A port or a range of ports.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FlowPort {
    /// The port, or the first of the range.
    pub port: u16,
    /// The last of the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_port: Option<u16>,
    /// Its protocol.
    #[serde(default)]
    pub protocol: Protocol,
}

impl FlowPort {
    /// One TCP port.
    pub fn tcp(port: u16) -> Self {
        Self {
            port,
            end_port: None,
            protocol: Protocol::Tcp,
        }
    }

    /// One UDP port.
    pub fn udp(port: u16) -> Self {
        Self {
            port,
            end_port: None,
            protocol: Protocol::Udp,
        }
    }
}

/// A request that is allowed; what is absent is not looked at.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HttpMatch {
    /// A method, such as `GET`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path: literal; a query string is always admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The path as a regular expression (RE2) over all of path and query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_regex: Option<String>,
    /// The `Host` header, literal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Headers with exactly these values.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub headers: Labels,
}

impl Flow {
    /// A connection that works, on these ports; on all without.
    pub fn allow(from: Peer, to: Peer, ports: impl IntoIterator<Item = FlowPort>) -> Self {
        Self {
            from,
            to,
            ports: ports.into_iter().collect(),
            icmp: Vec::new(),
            http: Vec::new(),
            server_names: Vec::new(),
            authentication: Authentication::None,
            action: Action::Allow,
        }
    }
}

impl Cluster {
    /// The labels of a peer's pods and their namespace, for a peer that is
    /// pods.
    pub fn pods_of<'a>(&'a self, peer: &'a Peer) -> Option<(&'a str, &'a Labels)> {
        match peer {
            Peer::Workload { namespace, name } => {
                let workload = self.namespaces.get(namespace)?.workloads.get(name)?;
                Some((namespace, &workload.labels))
            }
            Peer::Pods { namespace, labels } => Some((namespace, labels)),
            Peer::Nodes { .. } | Peer::Entity(_) | Peer::Cidr { .. } | Peer::Fqdn(_) => None,
        }
    }

    /// Nodes of a role, by name.
    pub fn nodes_of(&self, role: NodeRole) -> impl Iterator<Item = (&str, &Node)> {
        self.nodes
            .iter()
            .filter(move |(_, node)| node.role == role)
            .map(|(name, node)| (name.as_str(), node))
    }

    /// Whether its CNI is Cilium.
    pub fn has_cilium(&self) -> bool {
        self.cni.name == "cilium"
    }
}
