//! What looking for drift costs, next to what `kubectl` needs for the same objects.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use ztgit_flux_tests::{Installation, Mode, Stack, Stopwatch, World, drift, ensure, say, wait_for};

/// Kinds that are ready without a controller.
const COLLECTIONS: [&str; 4] = [
    "/api/v1/namespaces/shop/configmaps",
    "/api/v1/namespaces/shop/services",
    "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies",
    "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles",
];
/// How many there are of each.
const OBJECTS: usize = 500;
const UNIT: &str = "rendered/east/config/stack";

#[test]
#[ignore = "needs the programs that tests/flux/build makes; run tests/flux/run"]
fn two_thousand_objects_take_fewer_requests_than_kubectl_diff() {
    let world = World::settled(&Stack::shop(), "east");
    fill(&world);
    let pushed = world.announce(world.user().push_by_hand("two thousand objects"));
    // One after the other: together they take Flux longer than one wait lasts.
    for collection in COLLECTIONS {
        wait_for(collection, || {
            let list = world.api().list(collection).expect("it answers");
            ensure(list.len() >= OBJECTS, || format!("{} so far", list.len()))
        });
    }
    world.settle("two thousand objects", &pushed);

    let ours = compared(&world, Mode::DryRun);
    compared(&world, Mode::ReadOnly);
    let directory = world.user().fleet().join(UNIT).join("bulk");
    let dry_run = [
        "apply",
        "--dry-run=server",
        "--server-side",
        "--force-conflicts",
    ];
    let manager = "--field-manager=kustomize-controller";
    kubectl(&world, &[&dry_run[..], &[manager]].concat(), &directory);
    let theirs = kubectl(&world, &["diff"], &directory);
    assert!(
        ours < theirs,
        "{ours} requests, kubectl diff needs {theirs}"
    );
}

/// Adds them to a unit, past ztgit.
fn fill(world: &World) {
    let mut list = String::new();
    for number in 0..OBJECTS {
        for (kind, object) in objects(number).iter().enumerate() {
            let file = format!("bulk/{kind}-{number}.yaml");
            let path = format!("{UNIT}/{file}");
            world.user().write_fleet(&path, &object.to_string());
            writeln!(list, "- {file}").expect("a string takes all");
        }
    }
    let index = world.user().fleet().join(UNIT).join("kustomization.yaml");
    let text = fs::read_to_string(&index).expect("the unit has a list");
    fs::write(&index, text.trim_end().to_owned() + "\n" + &list).expect("it can be written");
}

fn objects(number: usize) -> [Value; COLLECTIONS.len()] {
    let metadata = json!({"name": format!("bulk-{number}"), "namespace": "shop"});
    let labels = json!({"app": format!("bulk-{number}")});
    [
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
            "data": {"number": number.to_string()}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata,
            "spec": {"selector": labels, "ports": [{"port": 80}]}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata,
            "spec": {"podSelector": {"matchLabels": labels}, "ingress": [{"ports": [{"port": 80}]}]}}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata,
            "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}),
    ]
}

fn compared(world: &World, mode: Mode) -> u64 {
    let watch = Stopwatch::start();
    let report = drift(world, mode);
    let (clean, requests) = (report.clean, report.requests);
    say(&format!(
        "{mode:?}: {clean} objects by {requests} requests in {}",
        watch.seconds()
    ));
    assert!(report.findings.is_empty(), "{:#?}", report.findings);
    assert!(clean > COLLECTIONS.len() * OBJECTS);
    requests
}

/// Runs it over a directory; gives how many requests that took.
fn kubectl(world: &World, arguments: &[&str], directory: &Path) -> u64 {
    let watch = Stopwatch::start();
    let output = Command::new(Installation::locate().program("kubectl"))
        .arg("--kubeconfig")
        .arg(world.cluster().kubeconfig())
        .args(arguments)
        .args(["-v=6", "--filename"])
        .arg(directory)
        .output()
        .expect("kubectl was built");
    let log = String::from_utf8_lossy(&output.stderr);
    // 1 is what `diff` says where labels of Flux's are not in git.
    assert!(matches!(output.status.code(), Some(0 | 1)), "{log}");
    let requests = log.lines().filter(|line| line.contains("\"Response\""));
    let requests = u64::try_from(requests.count()).expect("there are not that many");
    let what = arguments[..2.min(arguments.len())].join(" ");
    say(&format!(
        "kubectl {what}: {requests} requests in {}",
        watch.seconds()
    ));
    requests
}
