//! What is in the cluster: everything that carries Flux's labels, of all kinds that
//! the stack has or had, and all policies.

use std::collections::BTreeSet;

use futures::StreamExt as _;
use futures::stream;
use serde_json::Value;

use super::scene::{Placed, Scene};
use crate::compare::{POLICIES, is_policy};
use crate::connection::{Connection, Kinds};
use crate::object::{OWNER_NAME, identity, label};
use crate::obstacle::Obstacle;
use crate::report::Finding;
use crate::sweep::Live;

/// Objects of the cluster.
#[derive(Default)]
pub(super) struct Lists {
    /// Those with Flux's labels.
    pub(super) labelled: Live,
    /// All policies.
    pub(super) policies: Live,
    obstacles: Vec<(String, Obstacle)>,
}

type Kind = (String, String);

impl Lists {
    /// Asks for them, several kinds at once.
    pub(super) async fn read(
        connection: &Connection,
        kinds: &Kinds,
        scene: &Scene,
        at_once: usize,
    ) -> Self {
        let mut lists = Self::default();
        let mut answers = stream::iter(wanted(scene))
            .filter_map(async |kind: Kind| {
                let collection = kinds.preferred(&kind.0, &kind.1)?.collection(None);
                Some((kind, collection))
            })
            .map(async |(kind, collection)| {
                let policies = POLICIES.contains(&(&*kind.0, &*kind.1));
                let selector = (!policies).then_some(OWNER_NAME);
                (kind, connection.list(&collection, selector).await)
            })
            .boxed_local()
            .buffer_unordered(at_once.max(1));
        while let Some((kind, answer)) = answers.next().await {
            match answer {
                Ok(objects) => objects.into_iter().for_each(|object| lists.add(object)),
                Err(obstacle) => lists.obstacles.push((kind.1, obstacle)),
            }
        }
        lists
    }

    fn add(&mut self, object: Value) {
        let Some(id) = identity(&object) else {
            return;
        };
        if is_policy(&id) {
            self.policies.insert(id.clone(), object.clone());
        }
        if label(&object, OWNER_NAME).is_some() {
            self.labelled.insert(id, object);
        }
    }

    /// An object, if a list had it.
    pub(super) fn find(&self, id: &crate::report::ObjectRef) -> Option<&Value> {
        self.labelled.get(id).or_else(|| self.policies.get(id))
    }

    /// Which kinds could not be looked through.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let finding = |(kind, obstacle): &(String, Obstacle)| {
            let message = format!("what else there is of kind {kind}: {}", obstacle.message);
            Obstacle::new(obstacle.reason, message).finding()
        };
        self.obstacles.iter().map(finding).collect()
    }
}

/// Groups and kinds of what git and inventories have, and of policies.
fn wanted(scene: &Scene) -> BTreeSet<Kind> {
    let policies = POLICIES
        .iter()
        .map(|(group, kind)| ((*group).to_owned(), (*kind).to_owned()));
    let placed = std::iter::once(&scene.root).chain(&scene.stack);
    let of_git = placed.flat_map(desired_kinds);
    let inventories = scene
        .stack
        .iter()
        .filter_map(|placed| placed.unit.inventory().ok());
    let of_inventories = inventories.flatten().map(|id| (id.group, id.kind));
    policies.chain(of_git).chain(of_inventories).collect()
}

fn desired_kinds(placed: &Placed) -> BTreeSet<Kind> {
    let versions = placed.versions.iter().flatten();
    let objects = versions.flat_map(|desired| {
        let of_unit = desired.objects.get(&placed.unit.name).into_iter().flatten();
        desired.units.iter().chain(of_unit)
    });
    objects
        .filter_map(|object| identity(&object.object))
        .map(|id| (id.group, id.kind))
        .collect()
}
