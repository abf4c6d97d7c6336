//! One finding.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{ObjectRef, Reason, Shown, Status};

/// What is not as it should be, where, and who did it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The Flux Kustomization, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The object, where it is about one; otherwise it is about the unit, or
    /// the whole cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectRef>,
    /// What it is.
    pub status: Status,
    /// Why.
    pub reason: Reason,
    /// What was said about it, by the API server or by Flux.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The object's file in the fleet repository.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Which fields differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// Who else owns fields of the object.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub managers: BTreeSet<String>,
}

/// One field that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// A JSON pointer into the object (RFC 6901).
    pub path: String,
    /// In which way.
    pub kind: ChangeKind,
    /// What the applied commit says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Shown>,
    /// What the cluster has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Shown>,
    /// Who owns the field in the cluster.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub managers: BTreeSet<String>,
}

/// In which way a field differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It has another value.
    Changed,
    /// Somebody added it.
    Added,
    /// Somebody took it away.
    Removed,
}

impl Finding {
    /// A finding about a whole cluster, until it is told more.
    pub fn new(status: Status, reason: Reason) -> Self {
        Self {
            unit: None,
            object: None,
            status,
            reason,
            message: None,
            file: None,
            changes: Vec::new(),
            managers: BTreeSet::new(),
        }
    }

    /// About this unit, or an object of it.
    pub fn in_unit(mut self, unit: impl Into<String>) -> Self {
        self.unit = Some(unit.into());
        self
    }

    /// About this object.
    pub fn about(mut self, object: ObjectRef) -> Self {
        self.object = Some(object);
        self
    }

    /// Whose file this is.
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// What was said about it.
    pub fn saying(mut self, message: impl Into<String>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Which fields differ.
    pub fn with_changes(mut self, changes: Vec<Change>) -> Self {
        self.changes = changes;
        self
    }

    /// Who else owns fields.
    pub fn with_managers(mut self, managers: BTreeSet<String>) -> Self {
        self.managers = managers;
        self
    }

    /// What findings are ordered by.
    pub(super) fn key(&self) -> impl Ord + '_ {
        (
            self.unit.as_deref(),
            self.object.as_ref(),
            self.status,
            self.reason,
            self.message.as_deref(),
        )
    }
}
