//! Changes of a stack: exactly what changed is applied.

use std::collections::BTreeSet;

use ztgit_flux_tests::{Action, Duty, ObjectId, Stack, World, ensure, wait_for};

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn a_change_of_the_stack_is_applied_and_nothing_else() {
    let world = World::settled(&Stack::shop(), "east");
    a_namespace_from_audit_to_enforce_gets_its_deny(&world);
    and_back_to_audit_loses_only_that(&world);
    a_flow_that_is_removed_takes_its_policies_along(&world);
    two_commits_in_quick_succession_end_at_the_second(&world);
}

/// What Flux wrote of a cluster's own objects since some of all writes.
fn written_since(world: &World, earlier: usize) -> BTreeSet<String> {
    let history = world.cluster().history();
    let is_own = |group: &str| group != "kustomize.toolkit.fluxcd.io";
    history.writes()[earlier..]
        .iter()
        .filter(|write| write.program == "kustomize-controller" && is_own(&write.group))
        .map(|write| {
            let verb = match write.action {
                Action::Create => "create",
                Action::Change => "change",
                Action::Delete => "delete",
            };
            format!("{verb} {}/{}", write.resource, write.name)
        })
        .collect()
}

/// Renders, and says what Flux wrote until all is ready.
fn applied(world: &World, what: &str) -> BTreeSet<String> {
    let earlier = world.cluster().history().writes().len();
    let pushed = world.render(&[]);
    world.settle(what, &pushed);
    written_since(world, earlier)
}

fn set(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|&text| text.to_owned()).collect()
}

fn a_namespace_from_audit_to_enforce_gets_its_deny(world: &World) {
    world
        .user()
        .edit_stack("stack.yaml", "mode: audit", "mode: enforce # blog");
    let written = applied(world, "audit to enforce");
    let expected = [
        "change namespaces/blog",
        "create ciliumnetworkpolicies/zt-default-deny",
    ];
    assert_eq!(written, set(&expected));
}

fn and_back_to_audit_loses_only_that(world: &World) {
    let refused = "mode: observe # blog";
    world
        .user()
        .edit_stack("stack.yaml", "mode: enforce # blog", refused);
    let run = world.user().render_here(&[]);
    assert_eq!(run.exit, 2, "{}", run.said);
    world
        .user()
        .edit_stack("stack.yaml", refused, "mode: audit # blog");
    let written = applied(world, "enforce to audit");
    let expected = [
        "change namespaces/blog",
        "delete ciliumnetworkpolicies/zt-default-deny",
    ];
    assert_eq!(written, set(&expected));
}

fn a_flow_that_is_removed_takes_its_policies_along(world: &World) {
    let flow = "      blog-to-shop: {from: blog/web, to: shop/web, port: http}\n";
    world.user().edit_stack("stack.yaml", flow, "");
    let written = applied(world, "a removed flow");
    let expected = [
        "delete ciliumnetworkpolicies/blog-to-shop.egress",
        "delete ciliumnetworkpolicies/blog-to-shop.ingress",
    ];
    assert_eq!(written, set(&expected));
}

fn two_commits_in_quick_succession_end_at_the_second(world: &World) {
    world.user().edit_stack("stack.yaml", "5432", "5433");
    world.render(&[]);
    world.user().edit_stack("stack.yaml", "5433", "5434");
    let second = world.render(&[]);
    world.settle("the second of two commits", &second);
    let policy = ObjectId::namespaced(
        "cilium.io/v2",
        "CiliumNetworkPolicy",
        "shop",
        "web-to-db.ingress",
    );
    let port = &world.get(&policy)["spec"]["ingress"][0]["toPorts"][0]["ports"][0]["port"];
    assert_eq!(port, "5434");
}

/// Flux waits for a commit's objects to be well until its timeout, also where the
/// next commit is there that would make them so; unless it is told not to.
#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn a_commit_that_does_not_get_well_gives_way_to_the_next_where_flux_is_told_so() {
    let options = ["--feature-gates=CancelHealthCheckOnNewRevision=true"];
    let world = World::start_with(&Stack::shop(), "east", &[], &options);
    world.first_apply();
    let manifest = "manifests/web.yaml";
    world.stand_ins().hold(Duty::Workloads);
    world.user().edit_stack(manifest, "web:1.0.0", "web:broken");
    world.render(&[]);
    runs_image(&world, "registry.example.net/web:broken");
    world.user().edit_stack(manifest, "web:broken", "web:1.0.1");
    let repairing = world.render(&[]);
    runs_image(&world, "registry.example.net/web:1.0.1");
    world.stand_ins().resume(Duty::Workloads);
    world.settle("the commit that repairs", &repairing);
}

fn runs_image(world: &World, image: &str) {
    let id = ObjectId::namespaced("apps/v1", "Deployment", "shop", "web");
    wait_for(image, || {
        let deployment = world.get(&id);
        let found = &deployment["spec"]["template"]["spec"]["containers"][0]["image"];
        ensure(found == image, || found.to_string())
    });
}
