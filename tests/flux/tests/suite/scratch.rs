use std::time::Duration;
use ztgit_flux_tests::*;

const APPEAL: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: x, namespace: shop}
";

#[test]
#[ignore]
fn cel() {
    let held = [Duty::Issuers, Duty::Routes];
    let world = World::start(&Stack::named("homelab"), "home", &held);
    world.user().render_here(&[]);
    world.user().edit_fleet(
        "clusters/home/ztgit/config-gateway-tls.yaml",
        "timeout: 600s",
        "timeout: 12s",
    );
    world.user().edit_fleet(
        "clusters/home/ztgit/ingress-gateway-tls.yaml",
        "timeout: 600s",
        "timeout: 12s",
    );
    let pushed = world.announce(world.user().push_by_hand("x"));
    world.bootstrap(Verification::Nobody);
    for unit in ["config-gateway-tls", "ingress-gateway-tls"] {
        wait_for(unit, Duration::from_secs(120), || {
            let u = world.flux().units().remove(unit).ok_or("none")?;
            (u.ready.reason == "HealthCheckFailed")
                .then_some(())
                .ok_or(format!("{u:?}"))
        });
        say(&format!("{:?}", world.flux().unit(unit)));
        world.stand_ins().resume(Duty::Issuers);
        world.flux().request_unit(unit, "again");
    }
    world.stand_ins().resume(Duty::Routes);
    world.settle("end", &pushed);
}

#[test]
#[ignore]
fn default_requeue() {
    let world = World::start_with(&Stack::shop(), "east", &[], &["--requeue-dependency=30s"]);
    world.first_apply();
    world.user().edit_stack("stack.yaml", "5432", "5433");
    let pushed = world.render(&[]);
    world.settle("second", &pushed);
}

#[test]
#[ignore]
fn five_requeue() {
    let world = World::start_with(&Stack::shop(), "east", &[], &["--requeue-dependency=5s"]);
    world.first_apply();
    world.user().edit_stack("stack.yaml", "5432", "5433");
    let pushed = world.render(&[]);
    world.settle("second", &pushed);
}

fn stuck(options: &[&str]) {
    let world = World::start_with(&Stack::shop(), "east", &[], options);
    world.first_apply();
    world.stand_ins().hold(Duty::Workloads);
    world
        .user()
        .edit_stack("manifests/web.yaml", "web:1.0.0", "web:broken");
    let first = world.render(&[]);
    wait_for("stuck", Duration::from_secs(120), || {
        let u = world.flux().unit("apps-stack");
        (u.ready.reason == "Progressing"
            && world
                .flux()
                .unit("enforce-cilium")
                .is_ready_at(&first.commit))
        .then_some(())
        .ok_or(format!("{u:?}"))
    });
    world
        .user()
        .edit_stack("manifests/web.yaml", "web:broken", "web:1.0.1");
    let second = world.render(&[]);
    wait_for("stuck", Duration::from_secs(700), || {
        let id = ObjectId::namespaced("apps/v1", "Deployment", "shop", "web");
        let o = world.get(&id);
        let i = o["spec"]["template"]["spec"]["containers"][0]["image"]
            .as_str()
            .unwrap()
            .to_owned();
        i.ends_with("web:1.0.1").then_some(()).ok_or(i)
    });
    say(&format!("second applied after {}", second.watch.seconds()));
}

#[test]
#[ignore]
fn stuck_default() {
    stuck(&[]);
}

#[test]
#[ignore]
fn stuck_gate() {
    stuck(&["--feature-gates=CancelHealthCheckOnNewRevision=true"]);
}

#[test]
#[ignore]
fn sanity_order() {
    let world = World::start(&Stack::shop(), "east", &[]);
    world.user().render_here(&[]);
    world.user().edit_fleet(
        "clusters/east/ztgit/enforce-cilium.yaml",
        "  dependsOn:\n  - name: allow-cilium\n",
        "  dependsOn:\n  - name: network-cilium\n",
    );
    let pushed = world.announce(world.user().push_by_hand("x"));
    world.bootstrap(Verification::Nobody);
    world.settle("x", &pushed);
    let tree = world.tree();
    super::stacks::nothing_is_created_before_what_it_depends_on(&world, &tree);
}

#[test]
#[ignore]
fn sanity_substitution() {
    let world = World::start(&Stack::shop(), "east", &[]);
    world.user().render_here(&[]);
    world.user().edit_fleet(
        "rendered/east/config/stack/shop/configmap-settings.yaml",
        "  annotations:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\n",
        "",
    );
    world.announce(world.user().push_by_hand("x"));
    world.bootstrap(Verification::Nobody);
    world
        .flux()
        .patch_bootstrap(&super::substitution::substituting());
    wait_for("x", Duration::from_secs(60), || {
        let u = world.flux().units().remove("config-stack").ok_or("no")?;
        (u.ready.status == "True" || u.ready.reason == "BuildFailed")
            .then_some(())
            .ok_or(format!("{u:?}"))
    });
    say(&format!("{:?}", world.flux().unit("config-stack")));
}
