//! What stays itself: an object is made anew only where somebody consented.

use std::collections::BTreeMap;

use ztgit_flux_tests::{Action, ObjectId, Stack, World};

fn quota() -> ObjectId {
    ObjectId::namespaced("v1", "ResourceQuota", "shop", "pods")
}

fn policy(name: &str) -> ObjectId {
    ObjectId::namespaced("cilium.io/v2", "CiliumNetworkPolicy", "shop", name)
}

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn an_object_stays_itself_unless_somebody_consents() {
    let world = World::settled(&Stack::shop(), "east");
    a_renamed_object_is_created_before_the_old_one_goes(&world);
    an_object_that_moves_to_a_later_unit_is_made_anew_with_consent_only(&world);
    an_object_that_moves_to_an_earlier_unit_is_kept(&world);
    an_object_whose_unit_goes_with_the_move_is_made_anew_with_consent_only(&world);
}

fn uids(world: &World) -> BTreeMap<String, String> {
    let objects = world.tree().objects;
    objects
        .iter()
        .map(|object| (object.id.to_string(), world.uid(&object.id)))
        .collect()
}

/// The objects of both times are the same ones.
fn assert_kept(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) {
    for (id, uid) in before {
        if let Some(found) = after.get(id) {
            assert_eq!(found, uid, "{id} was made anew");
        }
    }
}

fn a_renamed_object_is_created_before_the_old_one_goes(world: &World) {
    let before = uids(world);
    let (old, new) = (policy("web-to-db.ingress"), policy("web-to-sql.ingress"));
    world
        .user()
        .edit_stack("stack.yaml", "web-to-db:", "web-to-sql:");
    let pushed = world.render(&[]);
    world.settle("a renamed flow", &pushed);

    assert_eq!(world.find(&old), None);
    let history = world.cluster().history();
    let created = history.of(&new)[0];
    let deleted = *history.of(&old).last().expect("it was made");
    assert_eq!(deleted.action, Action::Delete);
    assert_eq!(created.action, Action::Create);
    assert!(created.at < deleted.at, "{created:?} {deleted:?}");
    assert_kept(&before, &uids(world));
}

/// Has a manifest in another phase.
fn move_manifest(world: &World, file: &str, from: &str, to: &str) {
    let text = |phase: &str| format!("manifests/{file}.yaml, phase: {phase}}}");
    world
        .user()
        .edit_stack("stack.yaml", &text(from), &text(to));
}

fn assert_refused(world: &World, object: &str) {
    let run = world.user().render_here(&[]);
    assert_eq!(run.exit, 2, "{}", run.said);
    assert!(run.said.contains(object), "{}", run.said);
    assert!(run.said.contains("--allow-recreate"), "{}", run.said);
}

fn an_object_that_moves_to_a_later_unit_is_made_anew_with_consent_only(world: &World) {
    let mut before = uids(world);
    let uid = world.uid(&quota());
    move_manifest(world, "quota", "platform", "apps");
    assert_refused(world, "resourcequota-pods");

    let pushed = world.render(&["--allow-recreate"]);
    world.settle("an object moved to a later unit", &pushed);
    assert_ne!(world.uid(&quota()), uid);
    before.remove(&quota().to_string());
    assert_kept(&before, &uids(world));
}

fn an_object_that_moves_to_an_earlier_unit_is_kept(world: &World) {
    let before = uids(world);
    move_manifest(world, "quota", "apps", "platform");
    let pushed = world.render(&[]);
    world.settle("an object moved to an earlier unit", &pushed);
    assert_kept(&before, &uids(world));
    let labels = &world.get(&quota())["metadata"]["labels"];
    assert_eq!(labels["kustomize.toolkit.fluxcd.io/name"], "platform-stack");
}

/// Flux ends the old unit, and with it what that had applied, before the new one
/// takes it over, however early that one comes.
fn an_object_whose_unit_goes_with_the_move_is_made_anew_with_consent_only(world: &World) {
    let settings = ObjectId::namespaced("v1", "ConfigMap", "shop", "settings");
    let uid = world.uid(&settings);
    move_manifest(world, "settings", "config", "platform");
    assert_refused(world, "configmap-settings");

    let pushed = world.render(&["--allow-recreate"]);
    world.settle("the last object moved out of a unit", &pushed);
    assert_ne!(world.uid(&settings), uid);
}
