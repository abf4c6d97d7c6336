//! How a namespace, a plugin, the CNI and a cluster leave a stack.

use serde_json::Value;
use ztgit_flux_tests::{FLUX, ObjectId, Stack, World, ensure, wait_for};

const BLOG: &str = "      blog:
        mode: audit
        workloads:
          web: {labels: {app: blog}, ports: {http: 8080}}
";
const BLOG_FLOW: &str = "      blog-to-shop: {from: blog/web, to: shop/web, port: http}\n";
const EAST: &str = "    east: {}\n";
const WEST: &str = "    west: {}\n";
const POLICIES: &str = "/apis/cilium.io/v2/ciliumnetworkpolicies";

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn a_namespace_leaves_the_stack_and_stays_in_the_cluster() {
    let world = World::settled(&Stack::shop(), "east");
    let namespace = ObjectId::of_namespace("blog");
    let uid = world.uid(&namespace);
    world.user().edit_stack("stack.yaml", BLOG, "");
    world.user().edit_stack("stack.yaml", BLOG_FLOW, "");
    remove(&world, "a removed namespace");

    assert_eq!(world.uid(&namespace), uid);
    let policies = world.api().list(POLICIES).unwrap();
    let in_blog = |policy: &&Value| policy["metadata"]["namespace"] == "blog";
    assert_eq!(policies.iter().find(in_blog), None);
}

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn a_plugin_leaves_with_its_objects_and_without_its_definitions() {
    let world = World::settled(&Stack::named("homelab"), "home");
    let kept = uids(&world, &["namespaces", "crds", "network", "enforce"]);
    let leaving = uids(&world, &["platform", "config", "ingress"]);
    let stack = world.user().read_stack("stack.yaml");
    let stack = stack.replace("    gateway-tls: {}\n", "");
    let stack = without_block(&stack, "        gateway-tls:");
    world.user().write_stack("stack.yaml", &stack);
    remove(&world, "a removed plugin");

    assert_there(&world, &kept);
    assert_gone(&world, &leaving);
}

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn the_cni_leaves_the_stack_and_stays_in_the_cluster() {
    let world = World::settled(&Stack::shop(), "east");
    lift_what_denies(&world);
    let kept = uids(&world, &["namespaces", "network", "allow", "apps"]);
    world
        .user()
        .edit_stack("stack.yaml", "    cilium: {}\n", "");
    let config = "    config: {cilium: {admission: {mode: enforce}}}\n";
    world.user().edit_stack("stack.yaml", config, "");
    remove(&world, "a removed CNI");
    assert_there(&world, &kept);
}

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn a_cluster_leaves_the_stack() {
    let world = World::settled(&Stack::shop(), "west");
    world.user().edit_stack("stack.yaml", WEST, "");
    let run = world
        .user()
        .render_here(&["--allow-removal", "--allow-recreate"]);
    assert_eq!(run.exit, 2, "{}", run.said);

    world
        .user()
        .edit_stack("stack.yaml", EAST, &format!("{EAST}{WEST}"));
    lift_what_denies(&world);
    let kept = uids(&world, &["namespaces", "network", "allow"]);
    let leaving = uids(&world, &["platform", "config", "apps"]);
    world.user().edit_stack("stack.yaml", WEST, "");
    assert_refused(&world);

    // Nothing is left below the path that it was bootstrapped with: Flux says
    // so, and leaves everything as it is.
    world.render(&["--allow-removal"]);
    wait_for("a missing path", || {
        let unit = world.flux().unit(FLUX).ready;
        let is_missing = unit.reason == "ArtifactFailed";
        ensure(is_missing, || format!("{unit:?}"))
    });
    assert_there(&world, &kept);
    assert_there(&world, &leaving);

    // `flux bootstrap` keeps files of its own there; so the path stays.
    world.user().write_fleet(
        "clusters/west/flux-system/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n",
    );
    world.announce(world.user().push_by_hand("what flux bootstrap leaves"));
    wait_for("the units' end", || {
        let units = world.flux().units();
        let is_alone = units.len() == 1;
        ensure(is_alone, || format!("{units:?}"))
    });
    assert_there(&world, &kept);
    assert_gone(&world, &leaving);
}

/// The step before what allows goes: nothing denies any more.
fn lift_what_denies(world: &World) {
    world.user().edit_stack(
        "stack.yaml",
        "        mode: enforce\n",
        "        mode: audit\n",
    );
    let pushed = world.render(&[]);
    world.settle("nothing denies", &pushed);
}

/// Renders what takes something away, which has to be asked for.
fn remove(world: &World, what: &str) {
    assert_refused(world);
    let pushed = world.render(&["--allow-removal"]);
    world.settle(what, &pushed);
}

fn assert_refused(world: &World) {
    let run = world.user().render_here(&[]);
    assert_eq!(run.exit, 2, "{}", run.said);
    assert!(run.said.contains("--allow-removal"), "{}", run.said);
}

/// A YAML text without a key and everything below it.
fn without_block(text: &str, key: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (before, rest) = text.split_once(&format!("{key}\n")).expect("the key");
    let is_below = |line: &&str| line.trim().is_empty() || indent(line) > indent(key);
    let rest: String = rest.split_inclusive('\n').skip_while(is_below).collect();
    format!("{before}{rest}")
}

fn uids(world: &World, phases: &[&str]) -> Vec<(ObjectId, String)> {
    let tree = world.tree();
    let mut uids = Vec::new();
    for phase in phases {
        let objects: Vec<_> = tree.phase(phase).collect();
        assert!(!objects.is_empty(), "nothing is in {phase}");
        uids.extend(
            objects
                .iter()
                .map(|object| (object.id.clone(), world.uid(&object.id))),
        );
    }
    uids
}

fn assert_there(world: &World, objects: &[(ObjectId, String)]) {
    for (id, uid) in objects {
        assert_eq!(&world.uid(id), uid, "{id} was made anew");
    }
}

/// What a prune deletes is gone some moments later.
fn assert_gone(world: &World, objects: &[(ObjectId, String)]) {
    for (id, _) in objects {
        wait_for(&id.to_string(), || {
            ensure(world.find(id).is_none(), || "it is there".to_owned())
        });
    }
}
