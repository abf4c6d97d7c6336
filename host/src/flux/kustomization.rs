//! Units: their names and the objects that make Flux apply them.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};
use ztgit_plugin::cluster::Flux;
use ztgit_plugin::{Awaited, Health, Phase};

use super::phases::{dependencies, prunes};
use crate::name::PluginName;

/// Longest name of a unit: Flux puts it into a label.
const NAME_BYTES: usize = 63;

/// How long Flux waits for a unit before it calls it failed, in seconds: a
/// chart that is installed has longer than objects that are stored.
fn timeout_seconds(phase: Phase) -> u32 {
    match phase {
        Phase::Network | Phase::Platform => 900,
        _ => 300,
    }
}

/// What one Flux Kustomization applies: a plugin's objects of one phase.
///
/// To Flux the unit is part of an object's identity: what changes its unit is
/// deleted and made anew. So its name says nothing but what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitName {
    /// When it is applied.
    pub phase: Phase,
    /// Whose it is; `stack` for the stack's own.
    pub plugin: PluginName,
}

impl fmt::Display for UnitName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.phase.name(), self.plugin)
    }
}

impl UnitName {
    /// Whether its name fits a label.
    pub fn fits(&self) -> bool {
        self.to_string().len() <= NAME_BYTES
    }
}

/// What Flux has to know of a unit beyond its name.
#[derive(Debug, Default)]
pub struct Unit {
    /// How it tells that kinds are ready: (`apiVersion`, `kind`, health).
    pub health: Vec<(String, String, Health)>,
    /// Objects of the unit, for explicit checks: (`apiVersion`, `kind`,
    /// namespace, name).
    pub objects: Vec<ObjectReference>,
    /// Objects of others that it waits for.
    pub awaited: Vec<Awaited>,
}

/// An object by what identifies it to Flux.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectReference {
    /// `group/version`.
    pub api_version: String,
    /// The kind.
    pub kind: String,
    /// Its namespace, where it has one.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl ObjectReference {
    fn to_json(&self) -> Value {
        let mut reference = json!({
            "apiVersion": self.api_version,
            "kind": self.kind,
            "name": self.name,
        });
        if let Some(namespace) = &self.namespace {
            reference["namespace"] = namespace.as_str().into();
        }
        reference
    }
}

/// `kustomization.yaml` of a directory: its files, and nothing else.
pub fn directory_kustomization(resources: &[String]) -> Value {
    json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    })
}

/// The Flux Kustomization of a unit.
pub fn flux_kustomization(
    name: &UnitName,
    unit: &Unit,
    cluster: &str,
    flux: &Flux,
    all: &BTreeSet<UnitName>,
) -> Value {
    let timeout = unit
        .health
        .iter()
        .map(|(_, _, health)| health.timeout_seconds)
        .fold(timeout_seconds(name.phase), u32::max);
    let mut spec = json!({
        "interval": "1h",
        "path": format!("./rendered/{cluster}/{}/{}", name.phase.name(), name.plugin),
        "prune": prunes(name.phase),
        "retryInterval": "1m",
        "sourceRef": {"kind": flux.source.kind, "name": flux.source.name},
        "timeout": format!("{timeout}s"),
        // Flux ignores explicit checks where it waits for everything.
        "wait": unit.awaited.is_empty(),
    });
    let depends_on: Vec<Value> = dependencies(name.phase, all)
        .into_iter()
        .map(|unit| json!({"name": unit.to_string()}))
        .collect();
    if !depends_on.is_empty() {
        spec["dependsOn"] = depends_on.into();
    }
    if name.phase == Phase::Allow {
        // Removing the unit must not open a gap under a policy that denies.
        spec["deletionPolicy"] = "Orphan".into();
    }
    if !unit.awaited.is_empty() {
        spec["healthChecks"] = health_checks(unit);
    }
    let expressions = health_expressions(unit);
    if !expressions.is_empty() {
        spec["healthCheckExprs"] = expressions.into();
    }
    json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name.to_string(), "namespace": flux.namespace},
        "spec": spec,
    })
}

fn health_checks(unit: &Unit) -> Value {
    let mut references: BTreeSet<ObjectReference> = unit.objects.iter().cloned().collect();
    references.extend(unit.awaited.iter().map(|awaited| ObjectReference {
        api_version: awaited.api_version.clone(),
        kind: awaited.kind.clone(),
        namespace: awaited.namespace.clone(),
        name: awaited.name.clone(),
    }));
    references.iter().map(ObjectReference::to_json).collect()
}

fn health_expressions(unit: &Unit) -> Vec<Value> {
    let mut kinds: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut expressions = Vec::new();
    for (api_version, kind, health) in &unit.health {
        if !kinds.insert((api_version, kind)) {
            continue;
        }
        let mut expression = json!({
            "apiVersion": api_version,
            "kind": kind,
            "current": health.current,
        });
        if let Some(in_progress) = &health.in_progress {
            expression["inProgress"] = in_progress.as_str().into();
        }
        if let Some(failed) = &health.failed {
            expression["failed"] = failed.as_str().into();
        }
        expressions.push(expression);
    }
    expressions.sort_by_key(|e| (e["apiVersion"].to_string(), e["kind"].to_string()));
    expressions
}
