//! What is there beside the objects of the commit.
//!
//! Enters: all objects that carry Flux's labels and all policies, inventories, and
//! what git has. Leaves: findings of what nobody put into git.

mod policies;
mod untracked;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

pub(crate) use policies::unmanaged_policies;
pub(crate) use untracked::untracked;

use crate::desired::UnitName;
use crate::flux::Unit;
use crate::report::ObjectRef;

/// What the stack's own part of a cluster is.
pub(crate) struct Ours<'a> {
    /// What the commits that are compared with have, of all units.
    pub(crate) desired: &'a BTreeSet<ObjectRef>,
    /// All Kustomizations of the cluster with their inventories.
    pub(crate) inventories: &'a BTreeMap<UnitName, Inventory>,
}

/// What a Kustomization has applied.
pub(crate) struct Inventory {
    /// The objects.
    pub(crate) objects: BTreeSet<ObjectRef>,
    /// Whose Kustomization it is.
    pub(crate) holder: Holder,
    /// Whether Flux says that it is complete.
    pub(crate) is_ready: bool,
}

/// Whose a Kustomization is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// A unit of the stack.
    Stack,
    /// The fleet repository's besides the stack: the one that applies the units, and
    /// what that one applies from the same source.
    Fleet,
    /// Somebody else's.
    Other,
}

impl Ours<'_> {
    /// The Kustomization that has applied an object.
    pub(crate) fn holder(&self, object: &ObjectRef) -> Option<(&UnitName, Holder)> {
        let mut inventories = self.inventories.iter();
        let found = inventories.find(|(_, inventory)| inventory.objects.contains(object));
        found.map(|(name, inventory)| (name, inventory.holder))
    }
}

/// Objects by what identifies them.
pub(crate) type Live = BTreeMap<ObjectRef, Value>;

/// Whose a Kustomization is, by what applies the stack's units.
pub(crate) fn holder(
    unit: &Unit,
    root: &Unit,
    root_inventory: &BTreeSet<ObjectRef>,
    stack: &BTreeSet<UnitName>,
) -> Holder {
    if stack.contains(&unit.name) {
        return Holder::Stack;
    }
    let is_of_fleet = unit.name == root.name
        || (root_inventory.contains(&unit.reference()) && unit.source() == root.source());
    if is_of_fleet {
        Holder::Fleet
    } else {
        Holder::Other
    }
}
