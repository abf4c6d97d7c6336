//! Every stack that ztgit comes with, as a user bootstraps it.

use std::collections::BTreeMap;
use std::thread;

use ztgit_flux_tests::{Action, Apply, FLUX, ObjectId, RenderedObject, Stack, Tree, World};

/// Clusters of a stack that are tried: beyond these, a fleet repeats itself.
const CLUSTERS: usize = 2;

/// What comes after what: the two ways from `allow`.
const ORDERS: [&[&str]; 2] = [
    &["namespaces", "crds", "network", "allow", "enforce"],
    &["allow", "platform", "config", "ingress", "apps"],
];

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn every_stack_is_applied_in_order_and_then_nothing_changes() {
    let stacks = Stack::maintained();
    thread::scope(|scope| {
        for stack in &stacks {
            for cluster in stack.clusters().into_iter().take(CLUSTERS) {
                let name = format!("{} {cluster}", stack.name());
                let test = thread::Builder::new().name(name);
                let started = test.spawn_scoped(scope, move || is_applied(stack, &cluster));
                started.expect("there may be more threads");
            }
        }
    });
}

fn is_applied(stack: &Stack, cluster: &str) {
    let world = World::settled(stack, cluster);
    let tree = world.tree();
    nothing_is_created_before_what_it_depends_on(&world, &tree);
    the_api_server_accepts_every_object_by_strict_rules(&world, &tree);
    another_reconciliation_changes_nothing(&world, &tree);
    a_commit_without_changes_changes_nothing(&world, &tree);
}

/// When Flux created each object, for those that were not there before.
fn creations(world: &World, objects: &[RenderedObject]) -> BTreeMap<ObjectId, String> {
    let history = world.cluster().history();
    objects
        .iter()
        .filter_map(|object| {
            let mut writes = history.of(&object.id).into_iter();
            let creation = writes.find(|write| write.action == Action::Create)?;
            let is_flux = creation.program == "kustomize-controller";
            is_flux.then(|| (object.id.clone(), creation.at.clone()))
        })
        .collect()
}

fn nothing_is_created_before_what_it_depends_on(world: &World, tree: &Tree) {
    let created = creations(world, &tree.objects);
    let times = |phase: &str| -> Vec<&String> {
        tree.phase(phase)
            .filter_map(|object| created.get(&object.id))
            .collect()
    };
    for order in ORDERS {
        for (index, later) in order.iter().enumerate() {
            let first = times(later).into_iter().min();
            for earlier in &order[..index] {
                let last = times(earlier).into_iter().max();
                if let (Some(first), Some(last)) = (first, last) {
                    assert!(first > last, "{later} begins before {earlier} ends");
                }
            }
        }
    }
    let policies = tree.phase("allow").chain(tree.phase("enforce"));
    for policy in policies {
        assert!(
            created.contains_key(&policy.id),
            "Flux did not create {}",
            policy.id
        );
    }
}

fn the_api_server_accepts_every_object_by_strict_rules(world: &World, tree: &Tree) {
    let objects = tree.objects.iter().chain(&tree.units);
    let refused: Vec<String> = objects
        .filter_map(|object| {
            let how = Apply::DryRunAs("kustomize-controller");
            let answer = world.api().apply(&object.id, &object.text, how);
            answer.err().map(|error| format!("{}: {error}", object.id))
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

fn another_reconciliation_changes_nothing(world: &World, tree: &Tree) {
    let before = versions(world, &tree.objects);
    for unit in tree.dependencies.keys() {
        world.flux().request_unit(unit, "again");
    }
    for unit in tree.dependencies.keys() {
        world.flux().reconcile(unit, "again");
    }
    world.flux().reconcile(FLUX, "again");
    assert_eq!(versions(world, &tree.objects), before);
}

fn a_commit_without_changes_changes_nothing(world: &World, tree: &Tree) {
    let objects: Vec<&RenderedObject> = tree.objects.iter().chain(&tree.units).collect();
    let before = versions(world, &tree.objects);
    let generations = |world: &World| -> Vec<String> {
        objects
            .iter()
            .map(|object| world.get(&object.id)["metadata"]["generation"].to_string())
            .collect()
    };
    let generations_before = generations(world);
    let pushed = world.announce(world.user().push_by_hand("nothing that ztgit manages"));
    world.settle("a commit without changes", &pushed);
    assert_eq!(versions(world, &tree.objects), before);
    assert_eq!(generations(world), generations_before);
}

fn versions(world: &World, objects: &[RenderedObject]) -> BTreeMap<String, String> {
    objects
        .iter()
        .map(|object| {
            let version = &world.get(&object.id)["metadata"]["resourceVersion"];
            (object.id.to_string(), version.to_string())
        })
        .collect()
}
