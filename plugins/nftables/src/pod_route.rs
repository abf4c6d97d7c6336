//! Facts of kind `ztgit.dev/pod-route`: tunnels whose traffic may be forwarded
//! to pods.

use serde::Deserialize;
use ztgit_plugin::{Cidr, Diagnostic, FactScope, Facts, StatedFact};

use crate::address_set::AddressSet;
use crate::comment::Comment;
use crate::interface::Interface;
use crate::opening::interface_of;

/// The kind's name.
pub(crate) const KIND: &str = "ztgit.dev/pod-route";

/// The value of such a fact.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Value {
    interface: String,
    range: Cidr,
    purpose: String,
}

/// Who may be forwarded to pods.
#[derive(Debug)]
pub(crate) struct PodRoute {
    /// Through which interface they come.
    pub(crate) interface: Interface,
    /// Their addresses.
    pub(crate) ranges: AddressSet,
    /// On whose behalf.
    pub(crate) comment: Comment,
}

/// All routes of a cluster, each on the nodes that it concerns.
#[derive(Debug, Default)]
pub(crate) struct PodRoutes(Vec<(FactScope, PodRoute)>);

impl PodRoutes {
    /// All well-formed facts.
    pub(crate) fn gather(facts: &Facts, findings: &mut Vec<Diagnostic>) -> Self {
        let mut routes = Vec::new();
        for (index, stated) in facts
            .iter()
            .enumerate()
            .filter(|(_, stated)| stated.fact.kind == KIND)
        {
            match PodRoute::from_fact(stated) {
                Ok(route) => routes.push((stated.fact.scope.clone(), route)),
                Err(finding) => findings.push(finding.at_fact(index)),
            }
        }
        Self(routes)
    }

    /// Those of one node.
    pub(crate) fn on(&self, node: &str) -> impl Iterator<Item = &PodRoute> {
        self.0
            .iter()
            .filter(move |(scope, _)| scope.covers(node))
            .map(|(_, route)| route)
    }
}

impl PodRoute {
    fn from_fact(stated: &StatedFact) -> Result<Self, Diagnostic> {
        let provider = &stated.provider;
        let value: Value = serde_json::from_value(stated.fact.value.clone()).map_err(|error| {
            Diagnostic::error(
                "pod-route",
                format!("a fact of `{provider}` cannot be read: {error}"),
            )
            .hint(format!(
                "report this to the authors of the plugin `{provider}`"
            ))
        })?;
        Ok(Self {
            interface: interface_of(&value.interface, provider)?,
            ranges: [value.range].into_iter().collect(),
            comment: Comment::new(provider, &value.purpose),
        })
    }
}
