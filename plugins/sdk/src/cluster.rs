//! What a plugin is told of the cluster: merged, checked, canonical.
//!
//! The stack's shorthands are resolved before a plugin sees them: a peer is
//! one of [`Peer`], a named port is a number, defaults are filled in.

mod flow;
mod namespace;
mod peer;
mod port;

use std::collections::BTreeMap;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use flow::{Action, Authentication, Flow, HttpMatch, Icmp, IpFamily};
pub use namespace::{Mode, Namespace, Resolver, Service, UndeclaredNamespaces, Workload};
pub use peer::{Entity, Peer};
pub use port::{FlowPort, Protocol, ServicePort, WorkloadPort};

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
