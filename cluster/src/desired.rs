//! What git says that a cluster should have, as the host read it from a commit.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::report::Reason;
use crate::revision::Revision;

/// What one commit of the fleet repository holds for one cluster.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    /// The commit of the fleet repository, in full.
    pub commit: String,
    /// The newest commit, where that holds something else for this cluster: git is
    /// ahead then.
    pub newer: Option<String>,
    /// The folder of Flux's own objects; whichever Kustomization of the cluster
    /// has this folder or one above it as its path applies them.
    pub folder: String,
    /// Flux's own objects in that folder: a Kustomization a unit.
    pub units: Vec<DesiredObject>,
    /// What each unit applies.
    pub objects: BTreeMap<UnitName, Vec<DesiredObject>>,
}

/// A Kustomization of Flux's by what identifies it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

/// An object as a file of the commit has it.
#[derive(Debug, Clone)]
pub struct DesiredObject {
    /// The file.
    pub file: String,
    /// The object.
    pub object: Value,
}

/// Why a commit's contents cannot be had.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct DesiredError {
    /// What it is called in reports.
    pub reason: Reason,
    /// What happened.
    pub message: String,
}

/// Reads what a commit holds for a cluster: its name in the stack, and the
/// revision that Flux speaks of.
pub type ReadDesired<'a> = dyn Fn(&str, &Revision) -> Result<Desired, DesiredError> + 'a;
