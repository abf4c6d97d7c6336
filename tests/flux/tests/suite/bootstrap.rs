//! What `ztgit bootstrap` prints, applied as it is.

use ztgit_flux_tests::{FLUX, ObjectId, Stack, World};

/// Where the stack says that the fleet is.
const URL: &str = "https://git.example.net/fleet.git";

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn what_bootstrap_prints_makes_flux_apply_the_fleet() {
    let world = World::start(&Stack::shop(), "east", &[]);
    world.user().edit_stack("stack.yaml", URL, world.url());
    let pushed = world.render(&[]);
    world.bootstrap_as_printed();
    world.settle("what bootstrap printed", &pushed);
}

/// As `flux bootstrap` does it: Flux keeps its own source and first Kustomization.
#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn what_bootstrap_writes_is_flux_s_to_keep() {
    let world = World::start(&Stack::shop(), "east", &[]);
    world.user().edit_stack("stack.yaml", URL, world.url());
    world.user().render(&[]);
    let run = world.user().bootstrap_into_fleet("east");
    assert_eq!(run.exit, 0, "{}", run.said);
    let pushed = world.announce(world.user().push());
    world.bootstrap_as_printed();
    world.settle("what bootstrap wrote", &pushed);
    let first = ObjectId::namespaced(
        "kustomize.toolkit.fluxcd.io/v1",
        "Kustomization",
        FLUX,
        FLUX,
    );
    let labels = &world.get(&first)["metadata"]["labels"];
    assert_eq!(labels["kustomize.toolkit.fluxcd.io/name"], FLUX);
}
