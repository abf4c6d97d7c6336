//! The Gateway's own identity.

use serde_json::json;
use ztgit_plugin::cluster::Entity;

use crate::policy::{Policy, Scope, Section, entity};

/// The proxy is an endpoint without a namespace; any policy that selects it by
/// accident makes it answer 403 to everybody. Which back-ends it reaches is
/// decided at their side.
pub(super) fn gateway() -> Policy {
    Policy::new(
        Scope::Cluster,
        "zt-allow-gateway",
        "the Gateway is reached from everywhere and reaches its back-ends",
        json!({"matchExpressions": [{"key": "reserved:ingress", "operator": "Exists"}]}),
    )
    .rule(
        Section::Ingress,
        json!({"fromEntities": entity::list(&[Entity::World, Entity::Cluster])}),
    )
    .rule(
        Section::Egress,
        json!({"toEntities": entity::list(&[Entity::Cluster])}),
    )
}
