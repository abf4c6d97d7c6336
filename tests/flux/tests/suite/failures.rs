//! A broken object, and how far that reaches.
//!
//! ztgit checks what it renders, so the objects are broken past it, in the fleet
//! repository.

use ztgit_flux_tests::{ObjectId, Stack, Unit, World, say, wait_for};

/// An object of a unit, and an edit after which the API server refuses it.
struct Breakage {
    unit: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    names: &'static str,
}

const BREAKAGES: [Breakage; 3] = [
    Breakage {
        unit: "allow-cilium",
        file: "allow/cilium/shop/ciliumnetworkpolicy.cilium.io-web-to-db.ingress.yaml",
        from: "port: \"5432\"",
        to: "port: 5432",
        names: "CiliumNetworkPolicy/shop/web-to-db.ingress",
    },
    Breakage {
        unit: "platform-stack",
        file: "platform/stack/shop/resourcequota-pods.yaml",
        from: "pods: \"20\"",
        to: "pods: many",
        names: "ResourceQuota/shop/pods",
    },
    Breakage {
        unit: "enforce-cilium",
        file: "enforce/cilium/shop/ciliumnetworkpolicy.cilium.io-zt-default-deny.yaml",
        from: "  endpointSelector: {}",
        to: "  endpointSelector: {}\n  misspelt: {}",
        names: "CiliumNetworkPolicy/shop/zt-default-deny",
    },
];

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn a_broken_object_holds_up_only_what_depends_on_its_unit() {
    let world = World::settled(&Stack::shop(), "east");
    for breakage in &BREAKAGES {
        breaks(&world, breakage);
        let repaired = world.render(&[]);
        world.settle(&format!("{} repaired", breakage.unit), &repaired);
    }
}

fn breaks(world: &World, breakage: &Breakage) {
    let deny = ObjectId::namespaced(
        "cilium.io/v2",
        "CiliumNetworkPolicy",
        "shop",
        "zt-default-deny",
    );
    let before = world.get(&deny);
    let file = format!("rendered/east/{}", breakage.file);
    world.user().edit_fleet(&file, breakage.from, breakage.to);
    let pushed = world.announce(world.user().push_by_hand("broken past ztgit"));

    let tree = world.tree();
    let dependents = tree.dependents(breakage.unit);
    let is_right = |name: &str, unit: &Unit| {
        if name == breakage.unit {
            unit.ready.reason == "ReconciliationFailed"
                && unit.ready.message.contains(breakage.names)
        } else if dependents.contains(name) {
            unit.ready.reason == "DependencyNotReady"
        } else {
            unit.is_ready_at(&pushed.revision)
        }
    };
    wait_for(breakage.unit, || world.units_are(is_right));
    let unit = world.flux().unit(breakage.unit);
    say(&format!("{dependents:?} wait for: {}", unit.ready.message));
    assert_eq!(
        world.get(&deny)["metadata"]["uid"],
        before["metadata"]["uid"]
    );
    assert_eq!(world.get(&deny)["spec"], before["spec"]);
}
