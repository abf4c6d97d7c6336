//! From a cluster of a stack to a [`ClusterPlan`]: which plugins render, with which
//! config and which facts.
//!
//! All facts are gathered before anything renders, from cluster and config
//! only, so there is no order among plugins.

mod facts;
mod grants;
mod lock;
mod resolve;
mod settings;
mod source;
mod unused_grants;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use ztgit_plugin::StatedFact;
use ztgit_plugin::diagnostic as guest;
use ztgit_plugin::pointer;

pub use grants::{GrantExceeded, Granted, Named};
pub use lock::{Lock, LockError, LockedArtifact, LockedFile, LockedPlugin};
pub use resolve::{Means, Plugins, ResolveError, Resolved, read_component};
pub use source::{Artifact, Source, SourceError, consent_to_wasi};

use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::name::PluginName;
use crate::plugin::{CanonicalJson, PluginError};
use crate::stack::StackCluster;
use crate::tree::Sha256;

/// What is to be rendered for a cluster.
pub struct ClusterPlan<'s> {
    /// The cluster in the stack.
    pub source: &'s StackCluster,
    /// The cluster as plugins are handed it.
    pub json: CanonicalJson,
    /// sha256 of all that the stack says of the cluster: what its render
    /// depends on, besides the plugins.
    pub input: Sha256,
    /// One for each plugin that takes part, by name.
    pub units: Vec<Unit>,
    /// All facts, sorted by kind, provider, scope and value.
    pub facts: Vec<StatedFact>,
}

/// One plugin's part in a cluster.
pub struct Unit {
    /// Which plugin.
    pub plugin: PluginName,
    /// Its config.
    pub config: CanonicalJson,
    /// The facts that it consumes.
    pub facts: Vec<StatedFact>,
}

/// What keeps a plan from being made.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A plugin failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// A plugin stated what it may not.
    #[error(transparent)]
    Grant(#[from] GrantExceeded),
    /// A plugin's description is unusable.
    #[error("plugin `{plugin}` describes itself wrongly: {problem}")]
    Description {
        /// Its name in the stack.
        plugin: PluginName,
        /// What is wrong.
        problem: String,
    },
}

/// Plans clusters, each by itself and on any thread.
pub struct Planner<'p> {
    plugins: &'p Plugins<'p>,
    settings: settings::Settings,
    kinds: facts::Kinds,
    given: Vec<StatedFact>,
}

impl<'p> Planner<'p> {
    /// Prepares what the plugins' descriptions say.
    pub fn new(plugins: &'p Plugins<'p>) -> Result<Self, PlanError> {
        Ok(Self {
            plugins,
            settings: settings::Settings::new(plugins)?,
            kinds: facts::Kinds::new(plugins)?,
            given: Vec::new(),
        })
    }

    /// With facts that plugins outside the stack are taken to state about every
    /// cluster.
    #[must_use]
    pub fn given(self, given: Vec<StatedFact>) -> Self {
        Self { given, ..self }
    }

    /// Plans a cluster. The diagnostics may have errors; the plan is then good only
    /// for finding more of them.
    pub fn plan<'s>(
        &self,
        cluster: &'s StackCluster,
    ) -> Result<(ClusterPlan<'s>, Diagnostics), PlanError> {
        let mut diagnostics = self.settings.check(cluster);
        let plan = if diagnostics.has_errors() {
            // Plugins see only valid config.
            ClusterPlan::without_units(cluster)
        } else {
            facts::gather(
                cluster,
                self.plugins,
                &self.kinds,
                &self.given,
                &mut diagnostics,
            )?
        };
        let diagnostics = diagnostics
            .into_iter()
            .map(|d| d.in_cluster(cluster.name.as_str()))
            .collect();
        Ok((plan, diagnostics))
    }
}

impl<'s> ClusterPlan<'s> {
    fn without_units(source: &'s StackCluster) -> Self {
        let json = CanonicalJson::of(&source.cluster);
        Self {
            input: input_digest(source, &json),
            json,
            source,
            units: Vec::new(),
            facts: Vec::new(),
        }
    }

    /// A plugin's finding with its place in the stack.
    pub fn locate(
        &self,
        plugin: &PluginName,
        found: guest::Diagnostic,
        facts: &[StatedFact],
    ) -> Diagnostic {
        locate(self.source, plugin, found, facts)
    }
}

/// A plugin's finding with its place in the stack.
fn locate(
    cluster: &StackCluster,
    plugin: &PluginName,
    found: guest::Diagnostic,
    facts: &[StatedFact],
) -> Diagnostic {
    let span = match &found.place {
        guest::Place::Config(at) => config_place(cluster, plugin.as_str(), at),
        guest::Place::Cluster(at) => cluster.merged.place(pointer::segments(at)),
        guest::Place::Fact(index) => {
            let provider = facts
                .get(*index as usize)
                .map(|fact| fact.provider.as_str());
            config_place(cluster, provider.unwrap_or(plugin.as_str()), "")
        }
    };
    let mut diagnostic = Diagnostic::new(
        found.severity,
        &format!("{plugin}/{}", found.code),
        found.message,
    )
    .at(span)
    .in_cluster(cluster.name.as_str());
    diagnostic.hints = found.hints;
    diagnostic
}

/// A place in a plugin's config: where the stack says nothing, the cluster's
/// own.
pub fn config_place(cluster: &StackCluster, plugin: &str, at: &str) -> Span {
    let path: Vec<String> = ["config".to_owned(), plugin.to_owned()]
        .into_iter()
        .chain(pointer::segments(at))
        .collect();
    if cluster
        .merged
        .get("config")
        .and_then(|config| config.get(plugin))
        .is_some()
    {
        cluster.merged.place(path)
    } else {
        cluster.merged.span
    }
}

/// sha256 over all that the stack says of a cluster: the canonical JSON of an object
/// with the cluster, its configs and its manifests.
fn input_digest(source: &StackCluster, cluster: &CanonicalJson) -> Sha256 {
    #[derive(Serialize)]
    struct Rest<'s> {
        config: BTreeMap<&'s str, &'s Value>,
        manifests: Vec<(&'s str, &'s Value)>,
    }
    let configs = source.configs.iter();
    let manifests = source.manifests.iter();
    let rest = CanonicalJson::of(&Rest {
        config: configs
            .map(|(plugin, config)| (plugin.as_str(), &config.json))
            .collect(),
        manifests: manifests
            .map(|manifest| (manifest.phase.name(), &manifest.object))
            .collect(),
    });
    // `cluster` is the first of the keys, and its JSON is known.
    let rest = rest.as_str().trim_start_matches('{');
    Sha256::of(format!("{{\"cluster\":{cluster},{rest}").as_bytes())
}
