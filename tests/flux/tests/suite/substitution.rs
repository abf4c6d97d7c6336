//! Texts with `${…}` and `$$` reach the cluster as they are written.

use serde_json::{Value, json};
use ztgit_flux_tests::{ObjectId, Stack, Verification, World};

/// What somebody may have in the Kustomization that they bootstrapped with:
/// substitution for itself, and the same for every child.
fn substituting() -> Value {
    let post_build = json!({"substitute": {"HOME": "injected", "value": "injected"}});
    let patch = json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "all"},
        "spec": {"postBuild": post_build},
    });
    json!({
        "postBuild": post_build,
        "patches": [{
            "target": {"group": "kustomize.toolkit.fluxcd.io", "kind": "Kustomization"},
            "patch": patch.to_string(),
        }],
    })
}

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn what_looks_like_a_variable_survives_a_bootstrap_that_substitutes() {
    let world = World::start(&Stack::shop(), "east", &[]);
    let pushed = world.render(&[]);
    world.bootstrap(Verification::Nobody);
    world.flux().patch_bootstrap(&substituting());
    world.settle("with substitution", &pushed);

    let units = world.tree().units;
    let unit = world.get(&units[0].id);
    assert_eq!(unit["spec"]["postBuild"]["substitute"]["HOME"], "injected");
    let settings = ObjectId::namespaced("v1", "ConfigMap", "shop", "settings");
    let data = &world.get(&settings)["data"];
    assert_eq!(
        data["script"],
        "echo \"${HOME} and $${HOME} of $$, $(POD_IP) and $$(POD_IP)\"\n"
    );
    assert_eq!(data["template"], "${{ value }}");
}
