//! What one end of a flow, or its ports, include of another's.
//!
//! Two ends or two sets of ports enter; whether the first has all of the second
//! leaves. Pods are compared by namespace and labels; ends that merely have some
//! of them in common include nothing of each other.

use ztgit_plugin::Cluster;
use ztgit_plugin::cluster::{Action, Entity, FlowPort, Labels, Peer, Protocol};

use crate::policy::pods::Pods;

/// Whether every connection with the second peer is one with the first.
pub(crate) fn covers(cluster: &Cluster, wide: &Peer, narrow: &Peer) -> bool {
    if wide == narrow {
        return true;
    }
    if let (Some(wide), Some(narrow)) = (pods(cluster, wide), pods(cluster, narrow)) {
        return wide.cover(&narrow);
    }
    match (wide, narrow) {
        (Peer::Entity(Entity::Cluster), Peer::Entity(inside)) => *inside != Entity::World,
        (
            Peer::Entity(Entity::Cluster),
            Peer::Workload { .. } | Peer::Pods { .. } | Peer::Nodes { .. },
        )
        | (Peer::Entity(Entity::World), Peer::Cidr { .. } | Peer::Fqdn(_)) => true,
        (Peer::Nodes { labels }, Peer::Nodes { labels: more }) => is_part(labels, more),
        (Peer::Nodes { labels }, Peer::Entity(Entity::Host | Entity::RemoteNode)) => {
            labels.is_empty()
        }
        (Peer::Cidr { range, except }, Peer::Cidr { range: inner, .. }) => {
            range.contains(inner) && !except.iter().any(|hole| hole.overlaps(inner))
        }
        (Peer::Cidr { range, .. }, Peer::Fqdn(_)) => range.net().prefix_len() == 0,
        (Peer::Fqdn(pattern), Peer::Fqdn(name)) => pattern.strip_prefix("*.").is_some_and(|rest| {
            name.split_once('.')
                .is_some_and(|(first, behind)| first != "*" && behind == rest)
        }),
        _ => false,
    }
}

fn pods(cluster: &Cluster, peer: &Peer) -> Option<Pods> {
    Pods::of(cluster, peer, Action::Allow)
}

fn is_part(labels: &Labels, more: &Labels) -> bool {
    labels
        .iter()
        .all(|(key, value)| more.get(key) == Some(value))
}

/// Whether a flow on these ports is one on that port, or on a part of its range.
pub(crate) fn on_port(ports: &[FlowPort], other: FlowPort) -> bool {
    let last = |port: FlowPort| port.end_port.unwrap_or(port.port);
    let same = |one: Protocol| one == other.protocol;
    ports.is_empty()
        || ports.iter().any(|port| {
            same(port.protocol) && port.port <= last(other) && other.port <= last(*port)
        })
}
