//! Which node is the hub.

use ztgit_plugin::cluster::NodeRole;
use ztgit_plugin::{Cluster, Diagnostic};

use crate::config::Hub;
use crate::section::Section;

/// The node at the centre of a VPN.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HubNode<'a> {
    /// Its name in the cluster.
    pub(crate) name: &'a str,
    /// What it does there: only a server has the Kubernetes API.
    pub(crate) role: NodeRole,
}

impl<'a> HubNode<'a> {
    /// The node that the config names, or else the only server.
    pub(crate) fn find(
        cluster: &'a Cluster,
        section: Section<'_>,
        hub: &Hub,
    ) -> Result<Self, Diagnostic> {
        let Some(wanted) = hub.node.as_deref() else {
            return Self::only_server(cluster, section);
        };
        match cluster.nodes.get_key_value(wanted) {
            Some((name, node)) => Ok(Self {
                name,
                role: node.role,
            }),
            None => Err(unknown(cluster, section, &["node"], wanted)),
        }
    }

    fn only_server(cluster: &'a Cluster, section: Section<'_>) -> Result<Self, Diagnostic> {
        let servers: Vec<_> = cluster.nodes_of(NodeRole::Server).collect();
        if let [(name, node)] = servers.as_slice() {
            return Ok(Self {
                name,
                role: node.role,
            });
        }
        let message = match servers.len() {
            0 => "the cluster has no server that could be the VPN's hub".to_owned(),
            count => format!("which of the {count} servers is the VPN's hub is not said"),
        };
        let candidates = names(cluster);
        Err(section.error(&[], "node-required", message).hint(format!(
            "set `node` to the one that `endpoint` leads to: {candidates}"
        )))
    }

    /// Whether the Kubernetes API can be reached over the VPN.
    pub(crate) fn serves_api(self) -> bool {
        self.role == NodeRole::Server
    }
}

/// A name that no node of the cluster has.
pub(crate) fn unknown(
    cluster: &Cluster,
    section: Section<'_>,
    at: &[&str],
    name: &str,
) -> Diagnostic {
    let candidates = names(cluster);
    section
        .error(at, "node-unknown", format!("there is no node `{name}`"))
        .hint(format!("name one of the cluster's nodes: {candidates}"))
}

fn names(cluster: &Cluster) -> String {
    let names: Vec<_> = cluster.nodes.keys().map(String::as_str).collect();
    names.join(", ")
}
