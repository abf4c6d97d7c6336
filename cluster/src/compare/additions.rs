//! What fields that others added amount to.

use std::collections::BTreeSet;

use serde_json::Value;

use super::foreign::{Foreign, Whose, foreign};
use super::guarded::{is_policy, is_unit};
use super::{Case, Comparison, flux_fields};
use crate::fields;
use crate::flux;
use crate::report::{Change, ChangeKind, Finding, Reason, Status};

/// Fields of others.
#[derive(Default)]
pub(super) struct Additions {
    /// Those that Flux takes away when it applies the next time.
    pub(super) taken_back: Vec<Change>,
    /// What is to be said of all others.
    pub(super) findings: Vec<Finding>,
}

impl Comparison<'_> {
    /// What others added to an object.
    pub(super) fn additions(&self, case: &Case<'_>, live: &Value) -> Additions {
        let managers = fields::managers(live);
        let ignored = self.rules.pointers(live);
        let others = foreign(live, &managers, &flux_fields(&managers), &ignored);
        let (taken_back, staying): (Vec<_>, Vec<_>) = others.into_iter().partition(|other| {
            other.whose == Whose::TakenOver && !flux::is_merged(&case.desired.object, live)
        });
        let finding = staying_finding(case, live, staying);
        Additions {
            taken_back: additions(case, live, &taken_back),
            findings: finding.into_iter().collect(),
        }
    }
}

/// What stays although git does not have it.
fn staying_finding(case: &Case<'_>, live: &Value, others: Vec<Foreign<'_>>) -> Option<Finding> {
    let id = &case.id;
    let every_field_counts = is_policy(id) || is_unit(id);
    let others: Vec<Foreign<'_>> = others
        .into_iter()
        .filter(|other| every_field_counts || other.whose != Whose::Controller)
        .filter(|other| !every_field_counts || !other.added.is_empty())
        .collect();
    if others.is_empty() {
        return None;
    }
    let finding = if is_policy(id) {
        Finding::new(Status::UnmanagedPolicy, Reason::UnknownManager)
            .saying("Flux does not take these fields away")
    } else if is_unit(id) {
        Finding::new(Status::Modified, Reason::UnknownManager)
            .saying("these fields change what Flux applies, and it does not take them away")
    } else {
        Finding::new(Status::ForeignOwner, Reason::UnknownManager)
    };
    let managers = others
        .iter()
        .map(|other| other.manager.to_owned())
        .collect();
    let changes = additions(case, live, &others);
    Some(finding.with_managers(managers).with_changes(changes))
}

/// Every added field once, with all who own it.
fn additions(case: &Case<'_>, live: &Value, others: &[Foreign<'_>]) -> Vec<Change> {
    let pointers: BTreeSet<&String> = others.iter().flat_map(|other| &other.added).collect();
    let owners = |pointer: &String| {
        let owners = others.iter().filter(|other| other.added.contains(pointer));
        owners.map(|other| other.manager.to_owned()).collect()
    };
    let change = |pointer: &String| Change {
        path: pointer.clone(),
        kind: ChangeKind::Added,
        expected: None,
        found: live.pointer(pointer).map(|value| case.shown(value)),
        managers: owners(pointer),
    };
    pointers.into_iter().map(change).collect()
}
