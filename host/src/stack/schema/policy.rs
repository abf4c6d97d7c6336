//! Who may do what: plugins and their grants, apps and the consent they need.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use ztgit_plugin::Cidr;
use ztgit_plugin::cluster::{Entity, Labels};

use super::{FlowSpec, NamespaceSpec};

/// Where a plugin comes from, and what it may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PluginSpec {
    /// A component's file, relative to the stack's directory.
    pub path: Option<String>,
    /// A component in an OCI registry, as `host/repository:tag`. Which bytes that
    /// is says ztgit.lock: `ztgit plugin update` pins it.
    pub oci: Option<String>,
    /// Whose signature a component from a registry must carry; without one it is
    /// refused.
    pub verify: Option<VerifySpec>,
    /// What a plugin that is not built in may write and state. Absent: nothing.
    pub grants: GrantSpec,
    /// Whether it may import WASI, as components of Python and JavaScript do.
    /// What it gets is the same everywhere: clocks that stand still, fixed random
    /// numbers, no files, no network.
    pub wasi: bool,
}

/// Who vouches for a component.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VerifySpec {
    /// A public key as `cosign generate-key-pair` writes it: ECDSA on P-256, in
    /// PEM.
    pub public_key: String,
}

/// What a plugin may write and state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GrantSpec {
    /// Namespaces of its objects; `*` is any.
    pub namespaces: Vec<String>,
    /// Cluster-scoped kinds as `Kind.group`; `*` is any.
    pub cluster_kinds: Vec<String>,
    /// Host paths; one that ends in `/` is everything below. A client's file
    /// counts as `clients/NAME/PATH`.
    pub host_paths: Vec<String>,
    /// Kinds of facts, each with its limits; `["*"]` is any.
    pub facts: BTreeMap<String, Vec<String>>,
}

/// An app: what a team adds to clusters that the platform runs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppSpec {
    /// On which clusters.
    pub placement: Placement,
    /// Namespaces that it adds and owns.
    #[serde(default)]
    pub namespaces: BTreeMap<String, NamespaceSpec>,
    /// Flows that it adds.
    #[serde(default)]
    pub flows: BTreeMap<String, FlowSpec>,
}

/// Clusters by name or by label; with both, either is enough.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1))]
pub struct Placement {
    /// By name.
    pub clusters: Vec<String>,
    /// Clusters that have all these labels.
    pub labels: Labels,
}

/// That a flow of somebody else's may begin or end in a namespace.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ConsentSpec {}

/// What an app may reach, or be reached by, outside the cluster's pods.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ExposureSpec {
    /// Entities.
    pub entities: Vec<Entity>,
    /// Whether it may have flows with the cluster's nodes.
    pub nodes: bool,
    /// Ranges within which its ranges must lie.
    pub cidrs: Vec<Cidr>,
    /// DNS names; `*.` in front stands for any labels.
    pub fqdns: Vec<String>,
}
