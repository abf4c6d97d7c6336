//! Each way in which a cluster can differ from git, done to a real one, and what
//! the engine of `ztgit drift cluster` calls it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use ztgit_cluster::report::{ClusterReport, Finding, Reason, Status};
use ztgit_flux_tests::{
    FLUX, Installation, Mode, ObjectId, SigningKey, Stack, World, drift, ensure, say, wait_for,
};

/// Defaults, quantities and numbers that the API server writes in its own way.
const WEB: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example.net/web:1.0.0
        ports: [{containerPort: 8080}]
        resources:
          requests: {cpu: 1000m, memory: 1024Mi}
          limits: {cpu: "2000m", memory: 1Gi, ephemeral-storage: "1e9"}
      volumes: [{name: scratch, emptyDir: {sizeLimit: 1024Ki}}]
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
"#;

const MODES: [Mode; 2] = [Mode::DryRun, Mode::ReadOnly];

/// A cluster with everything applied; policies may be written by anybody.
fn settled() -> World {
    let world = World::start(&Stack::shop(), "east", &[]);
    world.user().edit_stack(
        "stack.yaml",
        "    config: {cilium: {admission: {mode: enforce}}}\n",
        "",
    );
    world.user().write_stack("manifests/web.yaml", WEB);
    world.first_apply();
    world
}

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn each_difference_from_git_is_called_by_its_name() {
    let world = settled();
    clean_in_spite_of_defaults_and_controllers(&world);
    changed_field(&world);
    added_label(&world);
    foreign_annotation(&world);
    deleted_object(&world);
    copied_labels(&world);
    forgotten_object(&world);
    opened_policy(&world);
    withdrawn_object(&world);
    stopped_unit(&world);
    unseen_commit(&world);
    broken_commit(&world);
    unsigned_source(&world);
    kind_that_is_gone(&world);
}

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn the_command_compares_a_cluster_with_the_commit_that_flux_applied() {
    let world = settled();
    let kubeconfig = world.cluster().kubeconfig().display().to_string();
    let compare = |options: &[&str]| {
        let arguments = ["drift", "cluster", "--repo", "fleet", "--kubeconfig"];
        let cluster = [&kubeconfig, "--context", "test", "--cluster", world.name()];
        world
            .user()
            .ztgit(&[&arguments[..], &cluster[..], options].concat())
    };
    for options in [&[][..], &["--read-only"][..]] {
        let run = compare(options);
        assert_eq!(run.exit, 0, "{}", run.said);
    }
    let open = policy(
        "open",
        &json!({"endpointSelector": {}, "ingress": [{"fromEntities": ["world"]}]}),
    );
    kubectl(&world, &["apply", "-f", "-"], &open);
    let run = compare(&["--format", "json"]);
    assert_eq!(run.exit, 1, "{}", run.said);
    assert!(run.stdout.contains("unmanaged-policy"), "{}", run.said);
}

fn clean_in_spite_of_defaults_and_controllers(world: &World) {
    let manager = "--field-manager=kube-controller-manager";
    let revision = "deployment.kubernetes.io/revision=1";
    kubectl(
        world,
        &[
            "-n",
            "shop",
            "annotate",
            "deployment/web",
            revision,
            manager,
        ],
        "",
    );
    for (mode, report) in clean(world) {
        assert!(report.clean > 20, "{report:#?}");
        say(&format!(
            "{mode:?}: {} objects clean by {} requests",
            report.clean, report.requests
        ));
    }
}

fn changed_field(world: &World) {
    let patch = r#"{"spec": {"replicas": 5}}"#;
    kubectl(
        world,
        &["-n", "shop", "patch", "deployment/web", "-p", patch],
        "",
    );
    for mode in MODES {
        let finding = only(&drift(world, mode), Status::Modified);
        let change = &finding.changes[0];
        assert_eq!(change.path, "/spec/replicas", "{mode:?}");
        assert!(change.managers.contains("kubectl-patch"), "{change:#?}");
        assert_eq!(json!([change.expected, change.found]), json!([2, 5]));
        assert_eq!(finding.unit.as_deref(), Some("apps-stack"));
        let file = finding.file.expect("it has a file");
        assert!(file.starts_with("rendered/east/apps/stack/"), "{file}");
    }
    repaired(world, "apps-stack", "changed-field");
}

/// A dry-run does not see what another manager adds.
fn added_label(world: &World) {
    kubectl(
        world,
        &["-n", "shop", "label", "service/web", "debug=yes"],
        "",
    );
    for mode in MODES {
        let finding = only(&drift(world, mode), Status::Modified);
        assert_eq!(finding.changes.len(), 1, "{finding:#?}");
        assert_eq!(finding.changes[0].path, "/metadata/labels/debug");
        assert!(finding.changes[0].managers.contains("kubectl-label"));
    }
    repaired(world, "apps-stack", "added-label");
}

fn foreign_annotation(world: &World) {
    let annotate = |what: &str| {
        let manager = "--field-manager=somebody";
        kubectl(
            world,
            &["-n", "shop", "annotate", "service/web", what, manager],
            "",
        );
    };
    annotate("example.net/note=hello");
    for mode in MODES {
        let finding = only(&drift(world, mode), Status::ForeignOwner);
        assert!(finding.managers.contains("somebody"), "{finding:#?}");
    }
    annotate("example.net/note-");
    clean(world);
}

fn deleted_object(world: &World) {
    kubectl(world, &["-n", "shop", "delete", "configmap/settings"], "");
    for mode in MODES {
        let finding = only(&drift(world, mode), Status::Missing);
        assert_eq!(
            finding.object.expect("it is about an object").to_string(),
            "ConfigMap shop/settings"
        );
    }
    repaired(world, "config-stack", "deleted-object");
}

fn copied_labels(world: &World) {
    let stray = config_map(
        "stray",
        &json!({
            "kustomize.toolkit.fluxcd.io/name": "config-stack",
            "kustomize.toolkit.fluxcd.io/namespace": FLUX,
        }),
    );
    kubectl(world, &["create", "-f", "-"], &stray);
    let finding = only(&drift(world, Mode::DryRun), Status::Untracked);
    assert_eq!(finding.object.expect("it is about an object").name, "stray");
    kubectl(world, &["-n", "shop", "delete", "configmap/stray"], "");
}

fn forgotten_object(world: &World) {
    kubectl(
        world,
        &["create", "-f", "-"],
        &config_map("forgotten", &json!({})),
    );
    let unit = ObjectId::namespaced(
        "kustomize.toolkit.fluxcd.io/v1",
        "Kustomization",
        FLUX,
        "config-stack",
    );
    let status = world.get(&unit)["status"].clone();
    let mut with_another = status.clone();
    let entries = with_another["inventory"]["entries"]
        .as_array_mut()
        .expect("it is a list");
    entries.push(json!({"id": "shop_forgotten__ConfigMap", "v": "v1"}));
    world
        .api()
        .merge_status(&unit, &with_another)
        .expect("statuses can be written");
    let finding = only(&drift(world, Mode::DryRun), Status::Orphan);
    assert_eq!(
        finding.object.expect("it is about an object").name,
        "forgotten"
    );
    world
        .api()
        .merge_status(&unit, &status)
        .expect("statuses can be written");
    kubectl(world, &["-n", "shop", "delete", "configmap/forgotten"], "");
    clean(world);
}

fn opened_policy(world: &World) {
    let open = policy(
        "open",
        &json!({"endpointSelector": {}, "ingress": [{"fromEntities": ["world"]}]}),
    );
    kubectl(world, &["apply", "-f", "-"], &open);
    let finding = only(&drift(world, Mode::DryRun), Status::UnmanagedPolicy);
    assert_eq!(finding.object.expect("it is about an object").name, "open");
    kubectl(
        world,
        &["-n", "shop", "delete", "ciliumnetworkpolicy/open"],
        "",
    );

    let more = policy(
        "zt-default-deny",
        &json!({"ingressDeny": [{"fromEntities": ["host"]}]}),
    );
    let apply = [
        "apply",
        "--server-side",
        "--field-manager=somebody",
        "-f",
        "-",
    ];
    kubectl(world, &apply, &more);
    for mode in MODES {
        let finding = only(&drift(world, mode), Status::UnmanagedPolicy);
        assert_eq!(finding.changes[0].path, "/spec/ingressDeny", "{finding:#?}");
        assert!(finding.managers.contains("somebody"));
    }
    kubectl(world, &apply, &policy("zt-default-deny", &json!(null)));
    clean(world);
}

fn withdrawn_object(world: &World) {
    let annotation = "kustomize.toolkit.fluxcd.io/reconcile";
    let annotate = |what: &str| {
        kubectl(world, &["-n", "shop", "annotate", "service/web", what], "");
    };
    annotate(&format!("{annotation}=disabled"));
    let finding = only(&drift(world, Mode::DryRun), Status::Suspended);
    assert_eq!(finding.reason, Reason::ReconcileDisabled);
    assert!(finding.managers.contains("kubectl-annotate"));
    annotate(&format!("{annotation}-"));
    repaired(world, "apps-stack", "withdrawn-object");
}

fn stopped_unit(world: &World) {
    let suspend = |value: bool| {
        let patch = json!({"spec": {"suspend": value}}).to_string();
        let unit = "kustomization/config-stack";
        kubectl(
            world,
            &["-n", FLUX, "patch", unit, "--type=merge", "-p", &patch],
            "",
        );
    };
    suspend(true);
    let report = drift(world, Mode::DryRun);
    let finding = one(&report, Status::Suspended);
    assert_eq!(finding.unit.as_deref(), Some("config-stack"));
    // And nobody put that into git.
    let change = &one(&report, Status::Modified).changes[0];
    assert_eq!(change.path, "/spec/suspend");
    suspend(false);
    repaired(world, FLUX, "stopped-unit");
}

fn unseen_commit(world: &World) {
    let tip = world.user().push_by_hand("nothing has told Flux yet");
    let report = drift(world, Mode::DryRun);
    assert!(
        report.findings.iter().all(|f| f.status == Status::Pending),
        "{report:#?}"
    );
    let finding = report
        .findings
        .iter()
        .find(|f| f.unit.as_deref() == Some("apps-stack"));
    assert!(
        finding
            .expect("it is there")
            .message
            .as_ref()
            .expect("it is there")
            .contains(&tip)
    );
    let pushed = world.announce(tip);
    world.settle("a commit that Flux had not seen", &pushed);
    clean(world);
}

fn broken_commit(world: &World) {
    let file = "rendered/east/platform/stack/shop/resourcequota-pods.yaml";
    world.user().edit_fleet(file, "pods: \"20\"", "pods: many");
    world.announce(world.user().push_by_hand("broken past ztgit"));
    let finding = wait_for("a failure", || {
        let report = drift(world, Mode::DryRun);
        let failed = report.findings.iter().find(|f| f.status == Status::Failed);
        failed
            .cloned()
            .ok_or_else(|| format!("{:#?}", report.findings))
    });
    assert_eq!(finding.unit.as_deref(), Some("platform-stack"));
    assert!(
        finding
            .message
            .expect("Flux says why")
            .contains("ResourceQuota/shop/pods")
    );
    let report = drift(world, Mode::DryRun);
    let waits = |f: &&Finding| f.reason == Reason::DependencyNotReady;
    assert!(
        report.findings.iter().any(|f| waits(&f)),
        "{:#?}",
        report.findings
    );
    let pushed = world.render(&[]);
    world.settle("repaired", &pushed);
    clean(world);
}

fn unsigned_source(world: &World) {
    let key = SigningKey::generate();
    let secret = json!({"apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "signers", "namespace": FLUX},
        "stringData": {"key.sshpub": key.public()}});
    kubectl(world, &["apply", "-f", "-"], &secret.to_string());
    let verify = |value: &Value| {
        let patch = json!({"spec": {"verify": value}}).to_string();
        let source = format!("gitrepository/{FLUX}");
        kubectl(
            world,
            &["-n", FLUX, "patch", &source, "--type=merge", "-p", &patch],
            "",
        );
    };
    verify(&json!({"mode": "HEAD", "secretRef": {"name": "signers"}}));
    wait_for("the signature to be missed", || {
        let report = drift(world, Mode::DryRun);
        let found = report
            .findings
            .iter()
            .find(|f| f.status == Status::SourceUnverified);
        let message = found.and_then(|f| f.message.clone()).unwrap_or_default();
        ensure(message.contains("signature"), || {
            format!("{:#?}", report.findings)
        })
    });
    verify(&json!(null));
    wait_for("the source to be as before", || {
        let report = drift(world, Mode::DryRun);
        ensure(report.findings.is_empty(), || {
            format!("{:#?}", report.findings)
        })
    });
}

fn kind_that_is_gone(world: &World) {
    let definition = "crd/ciliumnetworkpolicies.cilium.io";
    kubectl(world, &["delete", definition], "");
    wait_for("the kind to be gone", || {
        let report = drift(world, Mode::DryRun);
        let is_gone =
            |f: &Finding| f.status == Status::Unknown && f.reason == Reason::KindNotServed;
        ensure(report.findings.iter().any(is_gone), || {
            format!("{:#?}", report.findings)
        })
    });
}

/// Waits until Flux has taken back what a step did.
fn repaired(world: &World, unit: &str, step: &str) {
    world.flux().reconcile(unit, step);
    wait_for("the repair", || {
        let report = drift(world, Mode::DryRun);
        ensure(report.findings.is_empty(), || {
            format!("{:#?}", report.findings)
        })
    });
}

#[track_caller]
fn clean(world: &World) -> [(Mode, ClusterReport); 2] {
    MODES.map(|mode| {
        let report = drift(world, mode);
        let findings = &report.findings;
        assert!(findings.is_empty(), "{mode:?}: {findings:#?}");
        (mode, report)
    })
}

/// The one finding that there is.
#[track_caller]
fn only(report: &ClusterReport, status: Status) -> Finding {
    assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
    one(report, status)
}

/// The finding of a status.
#[track_caller]
fn one(report: &ClusterReport, status: Status) -> Finding {
    let mut findings = report.findings.iter().filter(|f| f.status == status);
    let found = findings
        .next()
        .unwrap_or_else(|| panic!("{:#?}", report.findings));
    assert!(findings.next().is_none(), "{:#?}", report.findings);
    found.clone()
}

fn config_map(name: &str, labels: &Value) -> String {
    json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "namespace": "shop", "labels": labels}})
    .to_string()
}

fn policy(name: &str, spec: &Value) -> String {
    let mut policy = json!({"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
        "metadata": {"name": name, "namespace": "shop"}});
    if !spec.is_null() {
        policy["spec"] = spec.clone();
    }
    policy.to_string()
}

#[track_caller]
fn kubectl(world: &World, arguments: &[&str], input: &str) {
    let mut child = Command::new(Installation::locate().program("kubectl"))
        .arg("--kubeconfig")
        .arg(world.cluster().kubeconfig())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kubectl was built");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "kubectl {arguments:?}: {errors}");
}
