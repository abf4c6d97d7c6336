//! The plugin's section of a cluster's config.
//!
//! Keys, addresses and endpoints are plain text here: what they may be is
//! checked where a finding can say more than "does not match the schema".

mod hub;
mod mesh;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

pub use hub::{Hub, Peer};
pub use mesh::{Member, Mesh};

use crate::section::Section;

/// VPNs: for people's devices, each with one node as its hub, and between
/// nodes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// The hub on the interface `wg0`. It is there unless only `interfaces`
    /// and `meshes` say something.
    #[serde(flatten)]
    pub first: Hub,
    /// More hubs, by the name of their interface.
    #[serde(default)]
    pub interfaces: BTreeMap<String, Hub>,
    /// Networks between nodes, by the name of their interface.
    #[serde(default)]
    pub meshes: BTreeMap<String, Mesh>,
}

impl Config {
    /// All hubs, `wg0` of the top level first.
    pub(crate) fn hubs(&self) -> impl Iterator<Item = (Section<'_>, &Hub)> {
        let elsewhere = !self.interfaces.is_empty() || !self.meshes.is_empty();
        let first = (!elsewhere || self.first != Hub::default())
            .then_some((Section::TopLevel, &self.first));
        let further = self
            .interfaces
            .iter()
            .map(|(name, hub)| (Section::Interface(name), hub));
        first.into_iter().chain(further)
    }

    /// All meshes.
    pub(crate) fn meshes(&self) -> impl Iterator<Item = (Section<'_>, &Mesh)> {
        self.meshes
            .iter()
            .map(|(name, mesh)| (Section::Mesh(name), mesh))
    }
}
