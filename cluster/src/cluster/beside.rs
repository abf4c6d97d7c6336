//! What is there beside the objects of git.

use std::collections::{BTreeMap, BTreeSet};

use super::Run;
use super::live::Lists;
use super::scene::{Placed, Scene};
use crate::connection::Kinds;
use crate::desired::UnitName;
use crate::object::identity;
use crate::obstacle::Obstacle;
use crate::report::{Finding, ObjectRef, Reason, Status};
use crate::sweep::{Inventory, Ours, holder, unmanaged_policies, untracked};

impl Run<'_> {
    /// Looks for orphans, for what nobody prunes, and for policies that nobody
    /// rendered.
    pub(super) async fn beside(&self, kinds: &Kinds, scene: &Scene, lists: &Lists) {
        let desired = desired(kinds, scene);
        let inventories = self.inventories(scene);
        let ours = Ours {
            desired: &desired,
            inventories: &inventories,
        };
        self.add(untracked(&lists.labelled, &ours));
        self.add(unmanaged_policies(&lists.policies, &ours));
        for placed in &scene.stack {
            let is_known = placed.versions.is_ok() && placed.unit.transformations().is_empty();
            let inventory = inventories.get(&placed.unit.name).filter(|_| is_known);
            for object in inventory
                .into_iter()
                .flat_map(|inventory| &inventory.objects)
            {
                if !desired.contains(object) {
                    self.orphan(kinds, lists, placed, object).await;
                }
            }
        }
    }

    /// Inventories of all Kustomizations.
    fn inventories(&self, scene: &Scene) -> BTreeMap<UnitName, Inventory> {
        let stack: BTreeSet<UnitName> = scene
            .stack
            .iter()
            .map(|placed| placed.unit.name.clone())
            .collect();
        let root = &scene.root.unit;
        let of_root = root.inventory().unwrap_or_default();
        let mut inventories = BTreeMap::new();
        for (name, unit) in &scene.units {
            let objects = unit.inventory().unwrap_or_else(|obstacle| {
                self.add([obstacle.finding().in_unit(&name.name)]);
                BTreeSet::new()
            });
            let inventory = Inventory {
                objects,
                holder: holder(unit, root, &of_root, &stack),
                is_ready: unit.is_ready(),
            };
            inventories.insert(name.clone(), inventory);
        }
        inventories
    }

    async fn orphan(&self, kinds: &Kinds, lists: &Lists, placed: &Placed, object: &ObjectRef) {
        let place = |finding: Finding| {
            finding
                .in_unit(&placed.unit.name.name)
                .about(object.clone())
        };
        match self.is_there(kinds, lists, object).await {
            Ok(true) => self.add([place(Finding::new(Status::Orphan, Reason::NotInCommit))]),
            Ok(false) => {}
            Err(obstacle) => self.add([place(obstacle.finding())]),
        }
    }

    async fn is_there(
        &self,
        kinds: &Kinds,
        lists: &Lists,
        object: &ObjectRef,
    ) -> Result<bool, Obstacle> {
        if lists.find(object).is_some() {
            return Ok(true);
        }
        // Without its kind an object is not there either.
        let Ok(served) = kinds.of(object) else {
            return Ok(false);
        };
        let collection = served.collection(object.namespace.as_deref());
        let found = self.connection.get(&collection, &object.name).await?;
        Ok(found.is_some())
    }
}

/// All objects of git, of every commit in question.
fn desired(kinds: &Kinds, scene: &Scene) -> BTreeSet<ObjectRef> {
    let placed = std::iter::once(&scene.root).chain(&scene.stack);
    let versions = placed
        .filter_map(|placed| placed.versions.as_ref().ok())
        .flatten();
    let objects = versions.flat_map(|desired| {
        desired
            .units
            .iter()
            .chain(desired.objects.values().flatten())
    });
    objects
        .filter_map(|object| {
            let mut id = identity(&object.object)?;
            if kinds.of(&id).is_ok_and(|served| !served.is_namespaced()) {
                id.namespace = None;
            }
            Some(id)
        })
        .collect()
}
