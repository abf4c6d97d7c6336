//! The ends of a flow.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Labels;
use crate::net::Cidr;

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
