//! Facts: how plugins cooperate without knowing each other.
//!
//! A plugin states facts from the cluster and its own config; others consume
//! them in `render`. The kinds here are ztgit's own; a plugin may define more.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cluster::{Flow, Labels, Protocol};
use crate::diagnostic::Diagnostic;
use crate::net::Cidr;

/// A value of a standard kind.
pub trait StandardFact: Serialize + DeserializeOwned + JsonSchema {
    /// The kind's name.
    const KIND: &'static str;
}

/// Something that others may build on.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Its kind.
    pub kind: String,
    /// What it concerns.
    pub scope: FactScope,
    /// Valid for the kind's schema.
    pub value: Value,
}

/// What a fact concerns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactScope {
    /// The whole cluster.
    Cluster,
    /// These nodes, by name.
    Nodes(Vec<String>),
}

impl FactScope {
    /// Whether it concerns that node.
    pub fn covers(&self, node: &str) -> bool {
        match self {
            Self::Cluster => true,
            Self::Nodes(nodes) => nodes.iter().any(|name| name == node),
        }
    }
}

/// A fact with the plugin that stated it.
#[derive(Debug, Clone, PartialEq)]
pub struct StatedFact {
    /// The plugin's name in the stack; `stack` for what the stack says itself.
    pub provider: String,
    /// The fact.
    pub fact: Fact,
}

/// What `facts` gives back.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Statement {
    /// What others may build on.
    pub facts: Vec<Fact>,
    /// Findings about the config.
    pub diagnostics: Vec<Diagnostic>,
}

impl Statement {
    /// States a fact about the whole cluster.
    pub fn cluster<F: StandardFact>(&mut self, value: &F) {
        self.facts.push(Fact::new(FactScope::Cluster, value));
    }

    /// States a fact about some nodes.
    pub fn nodes<F: StandardFact>(
        &mut self,
        nodes: impl IntoIterator<Item = impl Into<String>>,
        value: &F,
    ) {
        let nodes = nodes.into_iter().map(Into::into).collect();
        self.facts.push(Fact::new(FactScope::Nodes(nodes), value));
    }
}

impl Fact {
    /// A fact of a standard kind.
    pub fn new<F: StandardFact>(scope: FactScope, value: &F) -> Self {
        let value = serde_json::to_value(value).expect("standard facts are plain JSON");
        Self {
            kind: F::KIND.to_owned(),
            scope,
            value,
        }
    }
}

/// The facts that a plugin's `render` is handed: those of the kinds it
/// consumes, sorted by kind, provider, scope and value.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts(Vec<StatedFact>);

/// One fact of a standard kind, as its consumer sees it.
#[derive(Debug, Clone, Copy)]
pub struct Stated<'a, F> {
    /// For [`Diagnostic::at_fact`].
    pub index: usize,
    /// Who stated it.
    pub provider: &'a str,
    /// What it concerns.
    pub scope: &'a FactScope,
    /// What it says.
    pub value: F,
}

impl Facts {
    /// Facts in the host's order.
    pub fn new(facts: Vec<StatedFact>) -> Self {
        Self(facts)
    }

    /// All facts of a standard kind. The host has checked them against the
    /// kind's schema.
    pub fn of<F: StandardFact>(&self) -> impl Iterator<Item = Stated<'_, F>> {
        self.0
            .iter()
            .enumerate()
            .filter(|(_, stated)| stated.fact.kind == F::KIND)
            .map(|(index, stated)| Stated {
                index,
                provider: &stated.provider,
                scope: &stated.fact.scope,
                value: serde_json::from_value(stated.fact.value.clone())
                    .expect("the host checks facts against their schema"),
            })
    }

    /// All facts, also of kinds that are not standard.
    pub fn iter(&self) -> impl Iterator<Item = &StatedFact> {
        self.0.iter()
    }
}

/// A connection that has to work (or must not): the CNI plugin turns it into
/// policy as it does the stack's own flows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FlowFact {
    /// Unique for its provider; names the policies.
    pub name: String,
    /// Who reaches whom.
    pub flow: Flow,
}

impl StandardFact for FlowFact {
    const KIND: &'static str = "flow";
}

/// A port on which a node has to be reachable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HostPort {
    /// Its protocol.
    pub protocol: Protocol,
    /// The port, or the first of a range.
    pub port: u16,
    /// The last of the range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_port: Option<u16>,
    /// Who may reach it.
    pub from: HostPortSource,
    /// What listens there, in a few words: it becomes a comment.
    pub purpose: String,
}

impl StandardFact for HostPort {
    const KIND: &'static str = "host-port";
}

/// Who may reach a port of a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum HostPortSource {
    /// Anybody.
    World,
    /// The cluster's nodes.
    Nodes,
    /// The cluster's pods.
    Pods,
    /// These ranges.
    Ranges {
        /// The ranges.
        ranges: Vec<Cidr>,
        /// Only through this interface of the node.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interface: Option<String>,
    },
}

/// A range whose addresses are people or machines that are trusted to get
/// their password wrong: nothing bans them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TrustedCidr {
    /// The range.
    pub range: Cidr,
    /// What it is, in a few words.
    pub purpose: String,
}

impl StandardFact for TrustedCidr {
    const KIND: &'static str = "trusted-cidr";
}

/// A name or an address by which people reach the API server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TlsSan {
    /// A DNS name or an IP address.
    pub name: String,
}

impl StandardFact for TlsSan {
    const KIND: &'static str = "tls-san";
}

/// Values for Cilium's chart, merged with everybody else's; two different
/// values for one key are an error that names both plugins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CiliumValues {
    /// As in the chart's `values.yaml`.
    pub values: BTreeMap<String, Value>,
}

impl StandardFact for CiliumValues {
    const KIND: &'static str = "cilium-values";
}

/// A namespace that a plugin needs. The host emits it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamespaceFact {
    /// Its name.
    pub name: String,
    /// Labels that it must carry.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub labels: Labels,
}

impl StandardFact for NamespaceFact {
    const KIND: &'static str = "namespace";
}

/// A log worth watching for attacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum LogSource {
    /// A unit's log in the journal.
    Journal {
        /// The systemd unit, such as `ssh.service`.
        unit: String,
        /// The format, as CrowdSec's parsers call it, such as `syslog`.
        format: String,
    },
    /// A file.
    File {
        /// Its absolute path.
        path: String,
        /// The format, as CrowdSec's parsers call it, such as `envoy`.
        format: String,
    },
}

impl StandardFact for LogSource {
    const KIND: &'static str = "log-source";
}

/// A tunnel whose traffic a node may forward to pods.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodRoute {
    /// The interface that it comes through.
    pub interface: String,
    /// Its addresses.
    pub range: Cidr,
    /// On whose behalf, in a few words: it becomes a comment.
    pub purpose: String,
}

impl StandardFact for PodRoute {
    const KIND: &'static str = "pod-route";
}

/// A base chain that filters packets on a node: chains of one hook run in the
/// order of their priorities, and those of one priority in no stated order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetfilterChain {
    /// Where it is hooked in.
    pub hook: NetfilterHook,
    /// Its priority, `filter` being 0.
    pub priority: i32,
    /// What it does, in a few words.
    pub purpose: String,
}

impl StandardFact for NetfilterChain {
    const KIND: &'static str = "netfilter-chain";
}

/// Where a chain is hooked into the path of a packet.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum NetfilterHook {
    /// To the node itself.
    Input,
    /// Through the node.
    Forward,
    /// From the node.
    Output,
}

/// The JSON Schema of a standard kind's value.
pub fn standard_schema(kind: &str) -> Option<Value> {
    fn of<F: StandardFact>() -> (&'static str, Value) {
        (F::KIND, schemars::schema_for!(F).to_value())
    }
    let kinds: [fn() -> (&'static str, Value); 9] = [
        of::<FlowFact>,
        of::<HostPort>,
        of::<TrustedCidr>,
        of::<TlsSan>,
        of::<CiliumValues>,
        of::<NamespaceFact>,
        of::<LogSource>,
        of::<PodRoute>,
        of::<NetfilterChain>,
    ];
    kinds
        .into_iter()
        .map(|schema| schema())
        .find(|(name, _)| *name == kind)
        .map(|(_, s)| s)
}
