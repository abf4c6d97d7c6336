//! Units wait for what they depend on, and for nothing else.

use std::time::Duration;

use ztgit_flux_tests::{Duty, Stack, Tree, Unit, Verification, World, say, stays, wait_for};

const WHILE: Duration = Duration::from_secs(8);

/// What is held back, who waits for it itself, and who is ready meanwhile.
struct Step {
    resume: Option<Duty>,
    waiting: &'static str,
}

const STEPS: [Step; 6] = [
    // Nothing is resumed yet: the chart is not installed.
    Step {
        resume: None,
        waiting: "network-cilium",
    },
    // It is, but its operator has not defined the policies' kinds.
    Step {
        resume: Some(Duty::Releases),
        waiting: "network-cilium",
    },
    Step {
        resume: Some(Duty::CiliumOperator),
        waiting: "config-gateway-tls",
    },
    Step {
        resume: Some(Duty::Issuers),
        waiting: "ingress-gateway-tls",
    },
    // The Gateway is programmed, and no route is accepted.
    Step {
        resume: Some(Duty::Gateways),
        waiting: "ingress-gateway-tls",
    },
    Step {
        resume: Some(Duty::Routes),
        waiting: "apps-stack",
    },
];

const APP: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: my-app}
spec:
  selector: {matchLabels: {app: my-frontend}}
  template:
    metadata: {labels: {app: my-frontend}}
    spec: {containers: [{name: web, image: 'registry.example.net/web:1.0.0'}]}
";

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn each_unit_waits_until_what_it_depends_on_is_ready() {
    let held = [
        Duty::Releases,
        Duty::CiliumOperator,
        Duty::Issuers,
        Duty::Gateways,
        Duty::Routes,
        Duty::Workloads,
    ];
    let world = World::start(&Stack::named("homelab"), "home", &held);
    world.user().write_stack("manifests/web.yaml", APP);
    world.user().edit_stack(
        "stack.yaml",
        "      namespaces:\n",
        "      manifests: {web: {path: manifests/web.yaml, phase: apps}}\n      namespaces:\n",
    );
    let pushed = world.render(&[]);
    world.bootstrap(Verification::Nobody);
    let tree = world.tree();
    for step in STEPS {
        if let Some(duty) = step.resume {
            world.stand_ins().resume(duty);
        }
        stands(&world, &tree, &pushed.revision, &step);
    }
    world.stand_ins().resume(Duty::Workloads);
    world.settle("all that was held back", &pushed);
}

/// Only the units that wait for this one are not ready, none of their objects is
/// there, and so it stays.
fn stands(world: &World, tree: &Tree, revision: &str, step: &Step) {
    let dependents = tree.dependents(step.waiting);
    let is_standing = |name: &str, unit: &Unit| {
        if name == step.waiting {
            unit.ready.reason == "Progressing"
        } else if dependents.contains(name) {
            unit.ready.reason == "DependencyNotReady"
        } else {
            unit.is_ready_at(revision)
        }
    };
    let probe = || world.units_are(is_standing);
    wait_for(step.waiting, probe);
    stays(step.waiting, WHILE, probe);
    say(&format!(
        "{} is not ready: {dependents:?} wait",
        step.waiting
    ));
    for object in &tree.objects {
        let is_later = dependents.contains(&object.unit);
        let is_new = object.id.kind != "Namespace";
        if is_later && is_new {
            assert_eq!(world.find(&object.id), None, "{}", object.id);
        }
    }
}
