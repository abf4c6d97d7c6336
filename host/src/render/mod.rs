//! From a plan to the files of each cluster.
//!
//! Every unit of a cluster renders on its own, in parallel; what comes out is
//! checked (grants, schemas, collisions) and laid out as the fleet repository has
//! it. The result does not depend on the number of threads.

mod hosts;
mod kinds;
mod layout;
mod lints;
mod namespaces;
mod objects;

use rayon::prelude::*;
use ztgit_plugin::{Artifact, File, Rendering};

use kinds::Kinds;
pub use layout::Layout;

use crate::diagnostic::Diagnostics;
use crate::fleet::Inventory;
use crate::name::{ClusterName, PluginName};
use crate::plan::{ClusterPlan, GrantExceeded, Plugins};
use crate::plugin::PluginError;
use crate::tree::OutputTree;

/// The code of findings about what a plugin gave, which are the plugin's fault
/// and not the stack's.
pub const PLUGIN_OUTPUT: &str = "plugin-output";

/// All files of a cluster.
#[derive(Debug)]
pub struct ClusterOutput {
    /// The cluster.
    pub name: ClusterName,
    /// Everything under the cluster's managed paths, its inventory with it.
    pub tree: OutputTree,
    /// What it owns.
    pub inventory: Inventory,
    /// How many Kubernetes objects there are.
    pub objects: usize,
    /// How many host and client files there are.
    pub files: usize,
    /// Where the cluster stands, line by line.
    pub posture: Vec<ztgit_lint::Item>,
}

/// What keeps a cluster from being rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A plugin failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// A plugin emits what it may not.
    #[error(transparent)]
    Grant(#[from] GrantExceeded),
}

/// Renders clusters, each by itself and on any thread.
pub struct Renderer<'p> {
    plugins: &'p Plugins<'p>,
    kinds: Kinds,
}

impl<'p> Renderer<'p> {
    /// Prepares the schemas of all objects.
    pub fn new(plugins: &'p Plugins<'p>) -> Self {
        Self {
            plugins,
            kinds: Kinds::of(plugins),
        }
    }

    /// Renders a cluster. Where the diagnostics have errors, the output is incomplete
    /// and must not be written.
    pub fn render(
        &self,
        plan: &ClusterPlan<'_>,
    ) -> Result<(ClusterOutput, Diagnostics), RenderError> {
        let renderings: Vec<(&PluginName, Rendering)> = plan
            .units
            .par_iter()
            .map(|unit| {
                let plugin = self
                    .plugins
                    .get(&unit.plugin)
                    .expect("a unit's plugin is resolved");
                let rendering = plugin.render(&plan.json, &unit.config, &unit.facts)?;
                Ok((&unit.plugin, rendering))
            })
            .collect::<Result<_, PluginError>>()?;
        lay_out(plan, renderings, self.plugins, &self.kinds)
    }
}

fn lay_out(
    plan: &ClusterPlan<'_>,
    renderings: Vec<(&PluginName, Rendering)>,
    plugins: &Plugins<'_>,
    kinds: &Kinds,
) -> Result<(ClusterOutput, Diagnostics), RenderError> {
    let mut layout = Layout::new(plan);
    let mut objects = objects::Collector::default();
    for namespace in namespaces::objects(plan, &mut layout) {
        objects.add_own(namespace, &mut layout);
    }
    let mut files: Vec<(&PluginName, File)> = Vec::new();
    for ((plugin, rendering), unit) in renderings.into_iter().zip(&plan.units) {
        for found in rendering.diagnostics {
            layout.report(plan.locate(plugin, found, &unit.facts));
        }
        for artifact in rendering.artifacts {
            match artifact {
                Artifact::Manifest(manifest) => {
                    objects.add(plugin, manifest, &mut layout);
                }
                Artifact::Awaited(awaited) => layout.await_object(plugin, awaited),
                Artifact::File(file) => files.push((plugin, file)),
            }
        }
    }
    for manifest in &plan.source.manifests {
        objects.add_hand_written(manifest, &mut layout);
    }
    let posture = lints::report(&objects, &files, &mut layout);
    for (plugin, file) in files {
        hosts::add(plugin, file, plugins.granted(plugin), &mut layout)?;
    }
    objects.lay_out(kinds, plugins, &mut layout)?;
    Ok(layout.finish(posture))
}
