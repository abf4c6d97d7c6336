//! Files to a [`Stack`]: every cluster loaded, in parallel.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ztgit_plugin::Cluster;

use super::files::StackFiles;
use super::flux;
use super::manifests::HandWritten;
use super::node::Node;
use super::outline::{Loaded, Outline};
use super::schema::{ExceptionSpec, PluginSpec};
use crate::diagnostic::{Diagnostics, Sources, Span};
use crate::name::{ClusterName, PluginName};
use crate::tree::Sha256;

/// A stack, merged and checked.
#[derive(Debug, Default)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// sha256 of all its files.
    pub digest: Option<Sha256>,
    /// The texts that places point into.
    pub sources: Sources,
    /// The plugins that it lists.
    pub plugins: BTreeMap<PluginName, DeclaredPlugin>,
    /// Its clusters, by name.
    pub clusters: Vec<StackCluster>,
}

/// A plugin as the stack lists it.
#[derive(Debug, Clone)]
pub struct DeclaredPlugin {
    /// Source and grants.
    pub spec: PluginSpec,
    /// Where it is listed.
    pub span: Span,
    /// Where each of its settings stands.
    pub settings: BTreeMap<String, Span>,
}

impl DeclaredPlugin {
    /// Where a setting stands, or the plugin where it has none of that name.
    pub fn place(&self, setting: &str) -> Span {
        self.settings.get(setting).copied().unwrap_or(self.span)
    }
}

/// A cluster of a stack.
#[derive(Debug)]
pub struct StackCluster {
    /// Its name.
    pub name: ClusterName,
    /// Everything merged, with places.
    pub merged: Node,
    /// The cluster as plugins see it.
    pub cluster: Cluster,
    /// What Flux there pulls.
    pub source: flux::Source,
    /// The config of every plugin that takes part.
    pub configs: BTreeMap<PluginName, PluginConfig>,
    /// Hand-written objects.
    pub manifests: Vec<HandWritten>,
    /// Findings that are accepted.
    pub exceptions: BTreeMap<String, ExceptionSpec>,
    /// What it is made of besides its own text and what is common to all.
    pub uses: Uses,
}

/// What some clusters of a stack are made of, and others are not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uses {
    /// Profiles, by name.
    pub profiles: BTreeSet<String>,
    /// Files of hand-written objects, by path.
    pub manifests: BTreeSet<String>,
    /// Files of the apps that are placed on it, by path.
    pub apps: BTreeSet<String>,
}

impl StackCluster {
    /// The wave in which it is rendered, by its label.
    pub fn wave(&self) -> Option<&str> {
        self.cluster.labels.get("wave").map(String::as_str)
    }
}

/// A plugin's config in a cluster.
#[derive(Debug)]
pub struct PluginConfig {
    /// As JSON; an empty map where the stack says nothing.
    pub json: Value,
    /// With places.
    pub node: Node,
}

/// Loads a stack. Where the diagnostics have errors, the stack is incomplete
/// and good only for finding more of them.
pub fn load(files: &StackFiles) -> (Stack, Diagnostics) {
    let (outline, mut diagnostics) = Outline::open(files);
    let loaded: Vec<Loaded> = outline
        .parts()
        .par_iter()
        .map(|part| outline.load(part, files))
        .collect();
    let (mut seen, mut clusters) = (Vec::new(), BTreeMap::new());
    for part in loaded {
        diagnostics.extend(part.diagnostics);
        seen.extend(part.seen);
        if let Some(cluster) = part.cluster {
            clusters.entry(cluster.name.clone()).or_insert(cluster);
        }
    }
    let found = outline.conclude(&seen, diagnostics.has_errors());
    diagnostics.extend(found);
    let stack = Stack {
        name: outline.name,
        digest: Some(files.digest()),
        sources: outline.sources,
        plugins: outline.plugins,
        clusters: clusters.into_values().collect(),
    };
    (stack, diagnostics)
}
