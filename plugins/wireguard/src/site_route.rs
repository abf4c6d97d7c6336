//! A fact of a kind of our own: a tunnel whose traffic a node forwards to and
//! from networks beside it. Whoever filters forwarded packets acts on it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use ztgit_plugin::{Cidr, Fact, FactScope};

/// Networks that reach one another through a tunnel.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SiteRoute {
    /// The interface of the node that leads to the remote networks.
    pub(crate) interface: String,
    /// The networks at the other end.
    pub(crate) remote: Vec<Cidr>,
    /// The networks at this end.
    pub(crate) local: Vec<Cidr>,
    /// Who opens connections.
    pub(crate) opener: Opener,
    /// What for, in a few words: it becomes a comment.
    pub(crate) purpose: String,
}

/// An end of a route.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Opener {
    /// The networks at the other end.
    Remote,
    /// The networks at this end.
    Local,
}

impl SiteRoute {
    /// The kind's name.
    pub(crate) const KIND: &'static str = "ztgit.dev/site-route";

    /// The schema of the kind.
    pub(crate) fn schema() -> Value {
        schemars::schema_for!(Self).to_value()
    }

    /// States it for one node; nothing where an end has no network.
    pub(crate) fn on(&self, node: &str) -> Option<Fact> {
        (!self.remote.is_empty() && !self.local.is_empty()).then(|| Fact {
            kind: Self::KIND.to_owned(),
            scope: FactScope::Nodes(vec![node.to_owned()]),
            value: serde_json::to_value(self).expect("it is plain JSON"),
        })
    }
}
