//! Slices: a cluster that pulls its own is left alone by what concerns others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ztgit_flux_tests::{
    ObjectId, Published, Stack, Stopwatch, World, ensure, say, stays, wait_for,
};
use ztgit_test_support::{Guard, RegistryServer};

/// The clusters, as they are alike.
const ALIKE: &str = "    east: {}\n    west: {}\n";
/// The same, each with a place for what is its own.
const OWN: &str = "    east: {namespaces: {}}\n    west: {namespaces: {}}\n";
/// What the stack says of its source.
const SOURCE: &str = r#"url: "https://git.example.net/fleet.git""#;
/// How long nothing has to happen.
const WHILE: Duration = Duration::from_secs(5);

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn what_concerns_one_cluster_makes_no_reconcile_in_another_that_pulls_its_branch() {
    let world = World::start(&Stack::shop(), "west", &[]);
    world.user().edit_stack("stack.yaml", ALIKE, OWN);
    let url = format!("url: \"{}\"", world.url());
    world.user().edit_stack("stack.yaml", SOURCE, &url);
    let pushed = world.render(&[]);
    world.bootstrap_as_printed();
    world.settle("the fleet branch", &pushed);

    let before = Versions::of(&world);
    concern(&world, "east", "first");
    let pushed = world.render(&[]);
    world.settle("another cluster's commit, in the fleet branch", &pushed);
    let reconciled = before.changed(&world);
    say(&format!(
        "the fleet branch: {reconciled} reconciled for east's commit"
    ));
    assert_eq!(reconciled, before.0.len());
    print_latency(&world, "the fleet branch", |world| {
        world.render(&[]);
    });

    let sliced = format!("layout: slice, {url}");
    world.user().edit_stack("stack.yaml", &url, &sliced);
    // How a source pulls is no part of what is rendered.
    world.user().render(&[]);
    let published = publish_branches(&world);
    world.bootstrap_as_printed();
    world.settle("the slice", &published.pushed);
    is_left_alone(&world, "its branch", publish_branches);
}

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn what_concerns_one_cluster_makes_no_reconcile_in_another_that_pulls_its_artifact() {
    let Some(registry) = RegistryServer::start(Guard::Open) else {
        return;
    };
    let world = World::start(&Stack::shop(), "west", &[]);
    world.user().edit_stack("stack.yaml", ALIKE, OWN);
    let url = format!("oci://{}/fleet", registry.host());
    let key = world.user().make_artifact_key().replace('\n', "\\n");
    let source =
        format!("kind: OCIRepository, url: \"{url}\", verify: {{keys: {{ci: \"{key}\"}}}}");
    world.user().edit_stack("stack.yaml", SOURCE, &source);
    world.user().render(&[]);
    let option = format!("--oci={url}");

    world.publish(&[&option]);
    world.bootstrap_as_printed();
    wait_for("the refusal of what nobody signed", || {
        let source = world.flux().source();
        let is_refused = source.status == "False" && source.reason == "VerificationError";
        ensure(is_refused, || format!("{source:?}"))
    });
    say(&world.flux().source().message);

    let publish = |world: &World| world.publish(&[&option, "--sign=artifacts.key"]);
    let published = publish(&world);
    world.settle("the signed artifact", &published.pushed);
    is_left_alone(&world, "its artifact", publish);
}

fn publish_branches(world: &World) -> Published {
    world.publish(&["--push"])
}

/// A commit for east reconciles nothing in west, one for west does; and what both
/// of them are about arrives.
fn is_left_alone(world: &World, source: &str, publish: impl Fn(&World) -> Published) {
    let before = Versions::of(world);
    concern(world, "east", "second");
    world.user().render(&[]);
    let published = publish(world);
    assert_eq!(published.changed, BTreeSet::from(["east".to_owned()]));
    world.flux().fetch("after east's commit");
    stays("a cluster that nothing concerns", WHILE, || {
        let reconciled = before.changed(world);
        ensure(reconciled == 0, || format!("{reconciled} reconciled"))
    });
    say(&format!(
        "{source}: 0 of {} reconciled for east's commit",
        before.0.len()
    ));

    concern(world, "west", "third");
    world.user().render(&[]);
    let published = publish(world);
    assert_eq!(published.changed, BTreeSet::from(["west".to_owned()]));
    world.settle("the cluster's own commit", &published.pushed);
    world.get(&ObjectId::of_namespace("third"));
    print_latency(world, source, |world| {
        world.user().render(&[]);
        publish(world);
    });
}

/// Gives a cluster, and no other, one more namespace.
fn concern(world: &World, cluster: &str, namespace: &str) {
    let own = format!("    {cluster}: {{namespaces: {{");
    let more = format!("{own}{namespace}: {{mode: audit}}, ");
    world.user().edit_stack("stack.yaml", &own, &more);
}

/// How long it takes from the push of a deny until it is in the cluster. The
/// suite's Flux looks after its dependencies each second.
fn print_latency(world: &World, source: &str, push: impl Fn(&World)) {
    let deny = ObjectId::namespaced(
        "cilium.io/v2",
        "CiliumNetworkPolicy",
        "blog",
        "zt-default-deny",
    );
    world
        .user()
        .edit_stack("stack.yaml", "mode: audit\n", "mode: enforce # blog\n");
    let watch = Stopwatch::start();
    push(world);
    wait_for("the deny", || {
        ensure(world.find(&deny).is_some(), || "not yet".to_owned())
    });
    say(&format!(
        "{source}: enforced {} after the change of the stack",
        watch.seconds()
    ));
    world
        .user()
        .edit_stack("stack.yaml", "mode: enforce # blog\n", "mode: audit\n");
    push(world);
    wait_for("the deny's end", || {
        ensure(world.find(&deny).is_none(), || "not yet".to_owned())
    });
}

/// Flux writes to a Kustomization whenever it reconciles it.
struct Versions(BTreeMap<String, String>);

impl Versions {
    fn of(world: &World) -> Self {
        let units = world.flux().units().into_iter();
        Self(units.map(|(name, unit)| (name, unit.version)).collect())
    }

    /// How many have changed since.
    fn changed(&self, world: &World) -> usize {
        let now = Self::of(world);
        let is_changed = |(name, version): &(&String, &String)| now.0.get(*name) != Some(version);
        self.0.iter().filter(is_changed).count()
    }
}
