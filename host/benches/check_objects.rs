//! How long the strict check of an object takes.

use std::hint::black_box;
use std::io::Read;

use criterion::{Criterion, criterion_group, criterion_main};
use flate2::read::ZlibDecoder;
use serde_json::{Value, json};
use ztgit::check::objects::{ObjectSchemas, Scope};

const CILIUM: &[u8] = include_bytes!("../../plugins/cilium/data/crds.json.zz");

fn cilium_entries() -> Vec<Value> {
    let mut text = Vec::new();
    ZlibDecoder::new(CILIUM)
        .read_to_end(&mut text)
        .expect("the data is zlib");
    serde_json::from_slice(&text).expect("the data is a list")
}

fn with_cilium(entries: &[Value]) -> ObjectSchemas {
    let mut schemas = ObjectSchemas::builtin();
    for entry in entries {
        let scope = if entry["scope"] == "Cluster" {
            Scope::Cluster
        } else {
            Scope::Namespaced
        };
        let text = |field: &str| entry[field].as_str().expect("a string").to_owned();
        schemas.add_schema(
            &text("apiVersion"),
            &text("kind"),
            scope,
            entry["schema"].clone(),
        );
    }
    schemas
}

fn cilium_policy() -> Value {
    let peer =
        |app: &str| json!({"matchLabels": {"app": app, "k8s:io.kubernetes.pod.namespace": "demo"}});
    json!({
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {
            "name": "web-to-api",
            "namespace": "demo",
            "labels": {"app.kubernetes.io/managed-by": "ztgit"},
        },
        "spec": {
            "endpointSelector": {"matchLabels": {"app": "api"}},
            "ingress": [{
                "fromEndpoints": [peer("frontend"), peer("admin")],
                "toPorts": [{
                    "ports": [{"port": "5000", "protocol": "TCP"}],
                    "rules": {"http": [{"method": "GET", "path": "/get"}, {"method": "POST", "path": "/put"}]},
                }],
            }],
            "egress": [
                {"toEndpoints": [peer("db")], "toPorts": [{"ports": [{"port": "6379", "protocol": "TCP"}]}]},
                {"toFQDNs": [{"matchName": "api.github.com"}], "toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}]}]},
                {"toCIDRSet": [{"cidr": "192.168.1.50/32"}], "toPorts": [{"ports": [{"port": "9090", "protocol": "TCP"}]}]},
            ],
        },
    })
}

fn deployment() -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "namespace": "demo", "labels": {"app": "api"}},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "api"}},
            "template": {
                "metadata": {"labels": {"app": "api"}},
                "spec": {"containers": [{
                    "name": "api",
                    "image": "example.com/api:1",
                    "ports": [{"containerPort": 5000, "name": "http"}],
                    "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
                    "readinessProbe": {"httpGet": {"path": "/healthz", "port": "http"}},
                }]},
            },
        },
    })
}

fn check_objects(criterion: &mut Criterion) {
    let entries = cilium_entries();
    let schemas = with_cilium(&entries);
    for object in [cilium_policy(), deployment()] {
        let name = object["kind"].as_str().expect("a kind");
        criterion.bench_function(&format!("check a {name}"), |bencher| {
            bencher.iter(|| schemas.check(black_box(&object)));
        });
    }
    let policy = cilium_policy();
    criterion.bench_function("first CiliumNetworkPolicy of a schema", |bencher| {
        bencher.iter_batched(
            || with_cilium(&entries),
            |fresh| {
                fresh.check(black_box(&policy));
                fresh
            },
            criterion::BatchSize::SmallInput,
        );
    });
}

criterion_group!(benches, check_objects);
criterion_main!(benches);
