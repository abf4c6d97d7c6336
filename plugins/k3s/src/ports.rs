//! The ports on which nodes have to be reachable for k3s to work.
//!
//! Pods need the API server and, for metrics, the kubelet; they arrive with
//! their own addresses. Nobody outside the cluster needs any of these: whoever
//! lets people in (a VPN) states that itself.

use ztgit_plugin::cluster::{NodeRole, Protocol};
use ztgit_plugin::fact::{HostPort, HostPortSource};
use ztgit_plugin::{Cluster, Statement};

/// The limits of the plugin's `host-port` grant.
pub(crate) const GRANTS: [&str; 3] = ["tcp/6443", "tcp/10250", "tcp/2379-2380"];

/// States the ports of a k3s cluster.
pub(crate) fn state(cluster: &Cluster, statement: &mut Statement) {
    let servers: Vec<&str> = cluster
        .nodes_of(NodeRole::Server)
        .map(|(name, _)| name)
        .collect();
    let all: Vec<&str> = cluster.nodes.keys().map(String::as_str).collect();
    for from in [HostPortSource::Nodes, HostPortSource::Pods] {
        on(
            statement,
            &servers,
            &tcp(6443, from.clone(), "Kubernetes API server"),
        );
        on(statement, &all, &tcp(10250, from, "kubelet"));
    }
    if servers.len() > 1 {
        let etcd = HostPort {
            end_port: Some(2380),
            ..tcp(2379, HostPortSource::Nodes, "etcd")
        };
        on(statement, &servers, &etcd);
    }
}

fn on(statement: &mut Statement, nodes: &[&str], port: &HostPort) {
    if !nodes.is_empty() {
        statement.nodes(nodes.iter().copied(), port);
    }
}

fn tcp(port: u16, from: HostPortSource, purpose: &str) -> HostPort {
    HostPort {
        protocol: Protocol::Tcp,
        port,
        end_port: None,
        from,
        purpose: purpose.to_owned(),
    }
}
