//! A fact of a kind of our own: a tunnel whose traffic may be forwarded to
//! pods. Whoever filters forwarded packets on the node acts on it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use ztgit_plugin::{Cidr, Fact, FactScope};

/// Who may be forwarded to the cluster's pods, whatever the pods' own policy
/// then says.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PodRoute {
    /// The interface of the node through which they come.
    pub(crate) interface: String,
    /// Their addresses.
    pub(crate) range: Cidr,
    /// Who they are, in a few words: it becomes a comment.
    pub(crate) purpose: String,
}

impl PodRoute {
    /// The kind's name.
    pub(crate) const KIND: &'static str = "ztgit.dev/pod-route";

    /// The schema of the kind.
    pub(crate) fn schema() -> Value {
        schemars::schema_for!(Self).to_value()
    }

    /// States it for one node.
    pub(crate) fn on(&self, node: &str) -> Fact {
        Fact {
            kind: Self::KIND.to_owned(),
            scope: FactScope::Nodes(vec![node.to_owned()]),
            value: serde_json::to_value(self).expect("it is plain JSON"),
        }
    }
}
