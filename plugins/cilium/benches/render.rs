//! A thousand flows among two hundred workloads, rendered by the plugin as a
//! native program, next to one `kustomize build` of the same objects. Prints
//! both and their ratio; without kustomize, and without the one in kubectl, the
//! first alone.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::Criterion;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use ztgit_plugin::testing;
use ztgit_plugin::{Artifact, Cluster, Facts, Object, Plugin};
use ztgit_plugin_cilium::{Cilium, Config};

const FLOWS: usize = 1_000;
const NAMESPACES: usize = 20;
const WORKLOADS: usize = 10;
const RUNS: usize = 2;

fn main() {
    let cluster = cluster();
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    criterion.bench_function("render 1,000 flows", |bencher| {
        bencher.iter(|| objects(black_box(&cluster)));
    });
    compare(&cluster);
    criterion.final_summary();
}

/// The best of a few runs of each, alternating, so that both see the same machine.
#[allow(clippy::print_stdout, reason = "the ratio is what this prints")]
fn compare(cluster: &Cluster) {
    let objects = objects(cluster);
    let written = written(&objects);
    let (mut ours, mut theirs) = (Duration::MAX, Duration::MAX);
    for _ in 0..RUNS {
        ours = ours.min(time(|| drop(black_box(self::objects(cluster)))));
        let mut built = true;
        theirs = theirs.min(time(|| built = build(written.path())));
        if !built {
            println!("{FLOWS} flows: ztgit {ours:.1?}; there is no kustomize to compare it to");
            return;
        }
    }
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!(
        "{FLOWS} flows, {} objects: ztgit {ours:.1?}, kustomize build {theirs:.1?}, ratio {ratio:.3}",
        objects.len()
    );
}

#[allow(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn time(action: impl FnOnce()) -> Duration {
    let start = Instant::now();
    action();
    start.elapsed()
}

/// Everything that Flux would be given.
fn objects(cluster: &Cluster) -> Vec<Object> {
    let rendering = Cilium::render(cluster, &Config::default(), &Facts::default());
    let objects: Vec<Object> = rendering
        .artifacts
        .into_iter()
        .filter_map(|artifact| match artifact {
            Artifact::Manifest(manifest) => Some(manifest.object),
            Artifact::File(_) | Artifact::Awaited(_) => None,
        })
        .collect();
    assert!(objects.len() > 2 * FLOWS, "every flow has its two halves");
    objects
}

/// A few sorts of flows in turn: plain, with requests, to a name, to a range,
/// denied.
fn cluster() -> Cluster {
    let mut cluster = testing::homelab();
    cluster["namespaces"] = (0..NAMESPACES)
        .map(|namespace| {
            let workloads: Map<String, Value> = (0..WORKLOADS)
                .map(|workload| {
                    let name = format!("workload-{workload}");
                    (
                        name.clone(),
                        json!({"labels": {"app": name}, "serviceAccount": name}),
                    )
                })
                .collect();
            let declared = json!({"mode": "enforce", "create": true, "workloads": workloads});
            (format!("team-{namespace}"), declared)
        })
        .collect::<Map<_, _>>()
        .into();
    cluster["flows"] = (0..FLOWS)
        .map(|number| (format!("flow-{number}"), flow(number)))
        .collect::<Map<_, _>>()
        .into();
    serde_json::from_value(cluster).expect("a cluster")
}

fn flow(number: usize) -> Value {
    let workload = |number: usize| {
        let namespace = format!("team-{}", number % NAMESPACES);
        let name = format!("workload-{}", number / NAMESPACES % WORKLOADS);
        json!({"workload": {"namespace": namespace, "name": name}})
    };
    let (from, to) = (workload(number), workload(number * 7 + 1));
    let port = json!([{"port": 1024 + number}]);
    match number % 5 {
        0 => json!({
            "from": from, "to": to, "ports": port,
            "http": [{"method": "GET", "path": "/items"}, {"pathRegex": "/users/[0-9]+"}],
        }),
        1 => json!({"from": from, "to": to, "ports": port, "action": "deny"}),
        _ => json!({"from": from, "to": to, "ports": port}),
    }
}

/// The objects as files of a kustomization; JSON is YAML.
fn written(objects: &[Object]) -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let resources: Vec<String> = (0..objects.len()).map(|n| format!("{n}.yaml")).collect();
    for (name, object) in resources.iter().zip(objects) {
        let text = Value::Object(object.as_map().clone()).to_string();
        fs::write(directory.path().join(name), text).expect("a file");
    }
    let kustomization = json!({
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": resources,
    });
    let path = directory.path().join("kustomization.yaml");
    fs::write(path, kustomization.to_string()).expect("a file");
    directory
}

/// Whether there was a kustomize that built it.
fn build(directory: &Path) -> bool {
    [("kustomize", "build"), ("kubectl", "kustomize")]
        .into_iter()
        .any(|(program, command)| {
            Command::new(program)
                .arg(command)
                .arg(directory)
                .stdout(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        })
}
