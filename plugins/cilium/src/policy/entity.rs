//! Things that are not pods, in Cilium's words.

use serde_json::{Value, json};
use ztgit_plugin::cluster::Entity;

/// The nodes, the pod's own and the others.
pub(crate) const NODES: [Entity; 2] = [Entity::Host, Entity::RemoteNode];

/// An entity as `fromEntities` and `toEntities` have it.
pub(crate) fn name(entity: Entity) -> &'static str {
    match entity {
        Entity::Gateway => "ingress",
        Entity::World => "world",
        Entity::Cluster => "cluster",
        Entity::Host => "host",
        Entity::RemoteNode => "remote-node",
        Entity::KubeApiserver => "kube-apiserver",
        Entity::Health => "health",
    }
}

/// A rule's list of entities.
pub(crate) fn list(entities: &[Entity]) -> Value {
    json!(entities.iter().copied().map(name).collect::<Vec<_>>())
}
