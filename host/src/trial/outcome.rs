//! Rendering a case, and what came of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use ztgit_plugin::diagnostic::{Diagnostic as Said, Place};
use ztgit_plugin::{FactScope, StatedFact};

use super::case::{Case, CaseError};
use crate::diagnostic::{Diagnostics, Severity};
use crate::plan::{ClusterPlan, PlanError, Planner, Plugins};
use crate::plugin::{Plugin, PluginError};
use crate::render::{RenderError, Renderer};
use crate::tree::{OutputTree, TreePath, yaml};

/// What a plugin made of a case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// The files of a commit that are the plugin's, and two more:
    /// `facts.yaml` and `findings.txt`, each where there is something to say.
    pub files: BTreeMap<TreePath, Vec<u8>>,
    /// What the host finds wrong in the plugin's output.
    pub faults: Vec<String>,
}

/// Why a case has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// The case is not one.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// The plugin failed or is not what it says, before it rendered.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The plugin failed, or exceeded what it asks for.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The plugin failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
}

/// Renders a case with the one plugin that there is.
pub fn run(plugins: &Plugins<'_>, case: &Case) -> Result<Outcome, TrialError> {
    let plugin = plugins.iter().next().expect("a plugin is on trial");
    let stack = case.stack(plugin.name())?;
    let cluster = stack.clusters.first().expect("a case has one cluster");
    let planner = Planner::new(plugins)?.given(case.given());
    let (plan, found) = planner.plan(cluster)?;
    let mut outcome = Outcome::default();
    if found.has_errors() {
        // The plugin's own errors are an outcome; the host's are not.
        outcome.take_faults(plugin, &found);
    }
    let said = said(plugin, &plan)?;
    outcome.put("findings.txt", findings(&said));
    let own = |stated: &&StatedFact| stated.provider == plugin.name().as_str();
    let stated: Vec<&StatedFact> = plan.facts.iter().filter(own).collect();
    outcome.put("facts.yaml", facts(&stated));
    if !found.has_errors() {
        let (output, found) = Renderer::new(plugins).render(&plan)?;
        outcome.take_faults(plugin, &found);
        if !said.iter().any(|said| said.severity == Severity::Error) {
            outcome.take_tree(plugin, &output.tree);
        }
    }
    Ok(outcome)
}

/// What the plugin itself has to say of a case, with its own places.
fn said(plugin: &Plugin<'_>, cluster: &ClusterPlan<'_>) -> Result<Vec<Said>, PluginError> {
    let Some(unit) = cluster.units.first() else {
        // Its config is not valid.
        return Ok(Vec::new());
    };
    let mut said = plugin.facts(&cluster.json, &unit.config)?.diagnostics;
    let rendering = plugin.render(&cluster.json, &unit.config, &unit.facts)?;
    said.extend(rendering.diagnostics);
    Ok(said)
}

impl Outcome {
    /// How many Kubernetes objects there are.
    pub fn objects(&self) -> usize {
        self.count(|path| path.starts_with("rendered/") && !path.ends_with("/kustomization.yaml"))
    }

    /// How many files of nodes and clients there are.
    pub fn host_files(&self) -> usize {
        self.count(|path| path.starts_with("hosts/") && path.contains("/files/"))
    }

    fn count(&self, of_kind: impl Fn(&str) -> bool) -> usize {
        self.files
            .keys()
            .filter(|path| of_kind(path.as_str()))
            .count()
    }

    fn put(&mut self, path: &str, text: String) {
        if !text.is_empty() {
            let path = TreePath::new(path).expect("the name is plain");
            self.files.insert(path, text.into_bytes());
        }
    }

    /// What is the plugin's own: the host's objects change with the host.
    fn take_tree(&mut self, plugin: &Plugin<'_>, tree: &OutputTree) {
        let files = tree.iter().filter(|(path, _)| {
            let mut segments = path.as_str().split('/');
            match segments.next() {
                Some("hosts") => true,
                // `rendered/<cluster>/<phase>/<plugin>/…`
                Some("rendered") => segments.nth(2) == Some(plugin.name().as_str()),
                _ => false,
            }
        });
        self.files
            .extend(files.map(|(path, entry)| (path.clone(), entry.bytes.clone())));
    }

    /// Errors of the host's: not what the plugin itself says, and not what a
    /// lint says about a cluster that is made up.
    fn take_faults(&mut self, plugin: &Plugin<'_>, found: &Diagnostics) {
        let own = format!("{}/", plugin.name());
        let faults = found.iter().filter(|found| {
            let lints = ztgit_lint::rules();
            found.severity == Severity::Error
                && !found.code.starts_with(&own)
                && !lints.iter().any(|rule| rule.code == found.code)
        });
        self.faults
            .extend(faults.map(|found| found.message.clone()));
    }
}

fn findings(said: &[Said]) -> String {
    let mut text = String::new();
    for finding in said {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        let place = match &finding.place {
            Place::Config(pointer) => format!("config {pointer}"),
            Place::Cluster(pointer) => format!("cluster {pointer}"),
            Place::Fact(index) => format!("fact {index}"),
        };
        let (code, message) = (&finding.code, &finding.message);
        let place = place.trim_end();
        writeln!(text, "{severity}[{code}]: {message}\n  at {place}").expect("a string grows");
        for hint in &finding.hints {
            writeln!(text, "  help: {hint}").expect("a string grows");
        }
    }
    text
}

fn facts(stated: &[&StatedFact]) -> String {
    if stated.is_empty() {
        return String::new();
    }
    let stated = stated.iter().map(|stated| {
        let fact = &stated.fact;
        let mut entry = json!({"kind": fact.kind, "value": fact.value});
        if let FactScope::Nodes(nodes) = &fact.scope {
            entry["nodes"] = json!(nodes);
        }
        entry
    });
    yaml::to_yaml(&Value::Array(stated.collect()))
}
