//! The identity of `examples/drift-exporter`: what it may try, and that it may
//! change nothing.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use ztgit_flux_tests::{Cluster, Installation, ensure, wait_for};

const ACCOUNT: &str = "system:serviceaccount:ztgit-system:ztgit-drift";
/// What the fence answers.
const FENCED: &str = "may try a change (dryRun=All), not make it";

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn the_identity_that_looks_for_drift_can_change_nothing() {
    let cluster = Cluster::start(&[]);
    for project in ["cilium", "prometheus-operator"] {
        cluster.install(project);
    }
    for file in ["exporter", "read", "fence", "alerts"] {
        apply_example(&cluster, file);
    }
    without_the_second_role_it_may_not_even_try(&cluster);
    apply_example(&cluster, "dry-run");
    a_dry_run_passes_and_the_real_thing_is_refused(&cluster);
    nobody_else_is_fenced(&cluster);
    it_cannot_take_the_fence_down(&cluster);
    it_reads_no_secrets(&cluster);
}

fn without_the_second_role_it_may_not_even_try(cluster: &Cluster) {
    administer(cluster, &policy("8080"));
    let run = apply(
        cluster,
        Some(ACCOUNT),
        &policy("8081"),
        &["--dry-run=server"],
    );
    assert_refused(&run, "forbidden");
}

fn a_dry_run_passes_and_the_real_thing_is_refused(cluster: &Cluster) {
    // A policy is in force a moment after it is stored.
    wait_for("the fence", || {
        let run = apply(cluster, Some(ACCOUNT), &policy("8080"), &[]);
        ensure(said(&run).contains(FENCED), || said(&run))
    });
    for object in [policy("8081"), labelled_namespace()] {
        let tried = apply(cluster, Some(ACCOUNT), &object, &["--dry-run=server"]);
        assert!(tried.status.success(), "{}", said(&tried));
        let made = apply(cluster, Some(ACCOUNT), &object, &[]);
        assert_refused(&made, FENCED);
    }
    let stored = cluster
        .api()
        .get("/apis/cilium.io/v2/namespaces/ztgit-system/ciliumnetworkpolicies/web")
        .expect("it answers")
        .expect("it is there");
    let port = &stored["spec"]["ingress"][0]["toPorts"][0]["ports"][0]["port"];
    assert_eq!(port, "8080");
}

fn nobody_else_is_fenced(cluster: &Cluster) {
    let run = apply(cluster, None, &policy("8082"), &[]);
    assert!(run.status.success(), "{}", said(&run));
}

fn it_cannot_take_the_fence_down(cluster: &Cluster) {
    let fence = "validatingadmissionpolicybinding/ztgit-drift-dry-run-only";
    let run = kubectl(cluster, Some(ACCOUNT), &["delete", fence], "");
    assert_refused(&run, "forbidden");
    let patch = r#"{"spec":{"validationActions":["Audit"]}}"#;
    let run = kubectl(
        cluster,
        Some(ACCOUNT),
        &["patch", fence, "--type=merge", "--patch", patch],
        "",
    );
    assert_refused(&run, "forbidden");
}

fn it_reads_no_secrets(cluster: &Cluster) {
    let run = kubectl(cluster, Some(ACCOUNT), &["get", "secrets", "-A"], "");
    assert_refused(&run, "forbidden");
}

fn policy(port: &str) -> Value {
    json!({
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "web", "namespace": "ztgit-system"},
        "spec": {
            "endpointSelector": {},
            "ingress": [{"toPorts": [{"ports": [{"port": port, "protocol": "TCP"}]}]}],
        },
    })
}

/// What the identity may patch of another kind, too.
fn labelled_namespace() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "ztgit-system", "labels": {"tried": "yes"}},
    })
}

fn apply_example(cluster: &Cluster, name: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples/drift-exporter")
        .join(format!("{name}.yaml"));
    let text = fs::read_to_string(&file).expect("the example is there");
    let run = kubectl(
        cluster,
        None,
        &["apply", "--server-side", "--validate=strict", "-f", "-"],
        &text,
    );
    assert!(run.status.success(), "{name}: {}", said(&run));
}

fn administer(cluster: &Cluster, object: &Value) {
    let run = apply(cluster, None, object, &[]);
    assert!(run.status.success(), "{}", said(&run));
}

/// As Flux applies: with its field manager, and by force.
fn apply(cluster: &Cluster, account: Option<&str>, object: &Value, options: &[&str]) -> Output {
    let mut arguments = vec![
        "apply",
        "--server-side",
        "--force-conflicts",
        "--field-manager=kustomize-controller",
        "-f",
        "-",
    ];
    arguments.extend(options);
    kubectl(cluster, account, &arguments, &object.to_string())
}

fn kubectl(cluster: &Cluster, account: Option<&str>, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(Installation::locate().program("kubectl"));
    command.arg("--kubeconfig").arg(cluster.kubeconfig());
    if let Some(account) = account {
        command.args(["--as", account, "--as-group", "system:authenticated"]);
    }
    let mut child = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("kubectl is there");
    let mut stdin = child.stdin.take().expect("it was asked for");
    stdin
        .write_all(input.as_bytes())
        .expect("kubectl reads its input");
    drop(stdin);
    child.wait_with_output().expect("kubectl ends")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[track_caller]
fn assert_refused(output: &Output, why: &str) {
    let said = said(output);
    assert!(!output.status.success(), "{said}");
    assert!(said.to_lowercase().contains(&why.to_lowercase()), "{said}");
}
