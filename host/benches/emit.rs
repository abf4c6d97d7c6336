//! The YAML emitter next to `serde_json::to_string` of the same values: a
//! policy as the cilium plugin renders it, and an object of the size of a
//! large custom resource definition.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Value, json};
use ztgit::tree::yaml;

fn policy() -> Value {
    json!({
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {
            "name": "web-to-api", "namespace": "demo",
            "annotations": {"kustomize.toolkit.fluxcd.io/substitute": "disabled"},
            "labels": {"app.kubernetes.io/managed-by": "ztgit"},
        },
        "spec": {
            "description": "demo/frontend calls demo/api: GET /get",
            "endpointSelector": {"matchLabels": {"k8s:app": "api"}},
            "ingress": [{
                "fromEndpoints": [{"matchLabels": {"k8s:app": "frontend", "k8s:io.kubernetes.pod.namespace": "demo"}}],
                "toPorts": [{
                    "ports": [{"port": "5000", "protocol": "TCP"}],
                    "rules": {"http": [{"method": "GET", "path": "/get"}]},
                }],
            }],
            "enableDefaultDeny": {"ingress": false, "egress": false},
        },
    })
}

/// Nested schemas with descriptions: about 400 kB of YAML.
fn definition() -> Value {
    let field = |number: u32| {
        json!({
            "type": "object",
            "description": format!("Field{number} selects the endpoints: those with all of its labels.\n\nIt may be empty, \"*\" included."),
            "properties": {
                "port": {"type": "string", "pattern": "^(6553[0-5]|[0-9]{1,4})$", "maxLength": 5},
                "enabled": {"type": "boolean", "default": true},
                "cidr": {"type": "string", "format": "cidr", "description": "An address range, such as 10.0.0.0/8."},
            },
            "required": ["port", "cidr"],
            "x-kubernetes-preserve-unknown-fields": false,
        })
    };
    let properties: Value = (0..620)
        .map(|number| (format!("field{number}"), field(number)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {"versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"properties": properties}}}]},
    })
}

fn emit(criterion: &mut Criterion) {
    for (name, value) in [("policy", policy()), ("definition", definition())] {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(yaml::to_yaml(&value).len() as u64));
        group.bench_function("yaml", |bencher| {
            bencher.iter(|| yaml::to_yaml(black_box(&value)));
        });
        group.bench_function("json", |bencher| {
            bencher.iter(|| serde_json::to_string(black_box(&value)));
        });
        group.finish();
    }
}

criterion_group!(benches, emit);
criterion_main!(benches);
