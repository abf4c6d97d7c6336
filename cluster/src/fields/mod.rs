//! Who owns which fields: `metadata.managedFields`.
//!
//! Enters: a live object. Leaves: for each manager the set of its fields, and
//! where these are in the object.

mod locate;
mod set;

use std::collections::BTreeSet;

use serde_json::Value;

pub(crate) use locate::{is_item, pointer};
pub(crate) use set::{FieldSet, Step};

use crate::connection::FLUX_MANAGER;

/// What a manager owns, of the object itself and not of its status.
#[derive(Debug)]
pub(crate) struct Manager {
    pub(crate) name: String,
    pub(crate) operation: Operation,
    pub(crate) fields: FieldSet,
}

/// How a manager writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Server-side apply.
    Apply,
    /// Anything else.
    Update,
}

impl Manager {
    /// Whether this is kustomize-controller's apply.
    pub(crate) fn is_flux(&self) -> bool {
        self.name == FLUX_MANAGER && self.operation == Operation::Apply
    }

    /// Whether Flux takes this manager's fields over before it applies, so that
    /// they go unless git has them: <https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources>
    pub(crate) fn is_taken_over(&self) -> bool {
        let begins = |prefix: &str| self.name.starts_with(prefix);
        match self.operation {
            Operation::Apply => begins("kubectl"),
            Operation::Update => {
                begins("kubectl") || begins("before-first-apply") || begins(FLUX_MANAGER)
            }
        }
    }
}

/// All managers of an object.
pub(crate) fn managers(object: &Value) -> Vec<Manager> {
    let entries = object["metadata"]["managedFields"].as_array();
    let entries = entries.into_iter().flatten();
    entries
        .filter(|entry| entry["subresource"].as_str().unwrap_or_default().is_empty())
        .map(|entry| Manager {
            name: entry["manager"].as_str().unwrap_or_default().to_owned(),
            operation: match entry["operation"].as_str() {
                Some("Apply") => Operation::Apply,
                _ => Operation::Update,
            },
            fields: FieldSet::of(&entry["fieldsV1"]),
        })
        .collect()
}

/// Who owns a field, or something in it, or all that it is in.
pub(crate) fn owners(object: &Value, managers: &[Manager], field: &str) -> BTreeSet<String> {
    let owns = |manager: &&Manager| {
        manager.fields.leaves().iter().any(|path| {
            pointer(object, path)
                .is_some_and(|owned| is_within(&owned, field) || is_within(field, &owned))
        })
    };
    let owners = managers.iter().filter(owns);
    owners.map(|manager| manager.name.clone()).collect()
}

/// Whether a field is another, or in it.
pub(crate) fn is_within(field: &str, outer: &str) -> bool {
    field
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
