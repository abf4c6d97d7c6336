//! Whether the nodes make a k3s cluster.

use ztgit_plugin::cluster::NodeRole;
use ztgit_plugin::{Cluster, Diagnostic};

/// At least one server; an odd number of them, because etcd needs a majority.
pub(crate) fn check(cluster: &Cluster) -> Option<Diagnostic> {
    let servers = cluster.nodes_of(NodeRole::Server).count();
    if servers == 0 {
        return Some(
            Diagnostic::error("no-server", "no node of this cluster is a server")
                .at_cluster(["nodes"])
                .hint("give one node `role: server`"),
        );
    }
    servers.is_multiple_of(2).then(|| {
        Diagnostic::warning(
            "even-servers",
            format!(
                "{servers} servers survive the loss of no more of them than {} would",
                servers - 1
            ),
        )
        .at_cluster(["nodes"])
        .hint("use an odd number of servers: etcd needs a majority")
    })
}
