//! Endpoints: who can be at an end of a connection.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use crate::model::{LabelKey, LabelSet, Protocol};

/// Everybody who is asked about, by a name of the caller's choice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct World {
    /// The endpoints.
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Whether nodes have policies.
    pub host_firewall: HostFirewall,
}

/// Whether the agent applies policies to nodes; off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum HostFirewall {
    /// Policies with a `nodeSelector` do nothing.
    #[default]
    Off,
    /// They do.
    On,
}

/// What an endpoint is to the agent that judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A pod, or an endpoint that Cilium runs itself (health, ingress).
    Endpoint,
    /// The node that the pods run on.
    Host,
    /// Another node of the cluster. Its own policies are asked about where it is the
    /// host.
    RemoteNode,
    /// Outside the cluster.
    World,
}

/// One end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// What it is.
    pub role: Role,
    /// The labels of its identity.
    pub labels: LabelSet,
    /// Its address, which ranges look at. Needed for [`Role::World`] only.
    pub address: Option<IpAddr>,
    /// Names under which others have looked it up, for `toFQDNs`.
    pub names: BTreeSet<String>,
    /// The numbers of its named ports.
    pub named_ports: BTreeMap<(String, Protocol), u16>,
}

impl Endpoint {
    /// A pod, by the labels that [`LabelSet::of_pod`] makes.
    pub fn pod(labels: LabelSet) -> Self {
        Self::new(Role::Endpoint, labels)
    }

    /// The node that the pods run on.
    pub fn host() -> Self {
        Self::new(Role::Host, LabelSet::of_reserved(["host"]))
    }

    /// Another node.
    pub fn remote_node() -> Self {
        Self::new(Role::RemoteNode, LabelSet::of_reserved(["remote-node"]))
    }

    /// The API server on another node, where it is a node too.
    pub fn kube_apiserver() -> Self {
        let labels = LabelSet::of_reserved(["kube-apiserver", "remote-node"]);
        Self::new(Role::RemoteNode, labels)
    }

    /// The endpoint that probes the health of the cluster's network.
    pub fn health() -> Self {
        Self::new(Role::Endpoint, LabelSet::of_reserved(["health"]))
    }

    /// The proxy of Ingress and Gateway.
    pub fn ingress() -> Self {
        Self::new(Role::Endpoint, LabelSet::of_reserved(["ingress"]))
    }

    /// An address outside the cluster, in a cluster with both families.
    pub fn world(address: IpAddr) -> Self {
        let family = if address.is_ipv4() {
            "world-ipv4"
        } else {
            "world-ipv6"
        };
        Self {
            address: Some(address),
            ..Self::new(Role::World, LabelSet::of_reserved([family]))
        }
    }

    fn new(role: Role, labels: LabelSet) -> Self {
        Self {
            role,
            labels,
            address: None,
            names: BTreeSet::new(),
            named_ports: BTreeMap::new(),
        }
    }

    /// The same with a name for a port.
    pub fn with_port(mut self, name: &str, protocol: Protocol, number: u16) -> Self {
        let key = (name.to_ascii_lowercase(), protocol);
        self.named_ports.insert(key, number);
        self
    }

    /// The same, looked up under a name.
    pub fn with_name(mut self, name: &str) -> Self {
        self.names.insert(name.to_owned());
        self
    }

    /// Whether it has no labels yet: until it has, everything not allowed is denied.
    pub(super) fn is_initialising(&self) -> bool {
        self.labels.get(&LabelKey::reserved("init")).is_some()
    }
}
