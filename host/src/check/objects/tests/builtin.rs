//! Kinds of Kubernetes and Flux.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::catalogue;
use super::{NOTHING, gateway_api, problems};

fn network_policy(spec: &Value) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "allow", "namespace": "demo"},
        "spec": spec,
    })
}

fn deployment(container: &Value) -> Value {
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "namespace": "demo"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "api"}},
            "template": {
                "metadata": {"labels": {"app": "api"}},
                "spec": {"containers": [container]},
            },
        },
    })
}

#[test]
fn a_valid_network_policy_has_no_violation() {
    let policy = network_policy(&json!({
        "podSelector": {},
        "policyTypes": ["Ingress"],
        "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 80}, {"port": "http"}]}],
    }));
    assert_eq!(problems(&policy), NOTHING);
}

#[test]
fn a_misspelt_field_is_named_with_its_pointer_and_what_was_meant() {
    let policy = network_policy(&json!({"podSelector": {}, "ingres": [{}]}));
    assert_eq!(
        problems(&policy),
        ["/spec/ingres: unknown field `ingres` (did you mean `ingress`?)"]
    );
}

#[test]
fn a_misspelt_field_below_lists_is_found() {
    let policy = network_policy(&json!({
        "podSelector": {},
        "ingress": [{}, {"from": [{"podSelektor": {}}]}],
    }));
    assert_eq!(
        problems(&policy),
        [
            "/spec/ingress/1/from/0/podSelektor: unknown field `podSelektor` \
          (did you mean `podSelector`?)"
        ]
    );
}

#[test]
fn all_violations_of_an_object_are_reported() {
    let deployment = deployment(&json!({
        "name": "api",
        "ports": [{"containerPort": "5000"}],
        "env": [{"name": "DEBUG", "value": true}],
        "imagePullPolice": "Always",
    }));
    assert_eq!(
        problems(&deployment),
        [
            "/spec/template/spec/containers/0/env/0/value: expected string, found boolean `true` \
             (write \"true\" in quotes)",
            "/spec/template/spec/containers/0/imagePullPolice: unknown field `imagePullPolice` \
             (did you mean `imagePullPolicy`?)",
            "/spec/template/spec/containers/0/ports/0/containerPort: expected integer, found \
             string \"5000\" (write `5000` without quotes)",
        ]
    );
}

#[test]
fn a_missing_required_field_is_named() {
    let deployment = deployment(&json!({"image": "example.com/api"}));
    assert_eq!(
        problems(&deployment),
        ["/spec/template/spec/containers/0: required field `name` is missing"]
    );
}

#[test]
fn quantities_are_strings_and_numbers() {
    let requests =
        json!({"cpu": "500m", "memory": "1.5Gi", "ephemeral-storage": 1_000, "x/y": 0.5});
    let good = deployment(&json!({"name": "api", "resources": {"requests": requests}}));
    assert_eq!(problems(&good), NOTHING);
}

#[test]
fn a_quantity_with_an_unknown_suffix_is_refused() {
    let limits = json!({"memory": "128MiB"});
    let bad = deployment(&json!({"name": "api", "resources": {"limits": limits}}));
    assert_eq!(
        problems(&bad),
        [
            "/spec/template/spec/containers/0/resources/limits/memory: \"128MiB\" is not a quantity \
          such as `500m` or `1Gi`"
        ]
    );
}

#[test]
fn a_port_may_be_a_name_or_a_number_but_no_boolean() {
    let probe = |port: Value| {
        deployment(&json!({"name": "api", "livenessProbe": {"httpGet": {"port": port}}}))
    };
    assert_eq!(problems(&probe(json!("http"))), NOTHING);
    assert_eq!(problems(&probe(json!(8080))), NOTHING);
    assert_eq!(
        problems(&probe(json!(true))),
        [
            "/spec/template/spec/containers/0/livenessProbe/httpGet/port: expected string or \
          integer, found boolean `true` (write \"true\" in quotes)"
        ]
    );
}

#[test]
fn two_items_with_one_key_are_refused() {
    let ports = json!([{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"},
                       {"containerPort": 53, "protocol": "TCP"}]);
    assert_eq!(
        problems(&deployment(&json!({"name": "dns", "ports": ports}))),
        [
            "/spec/template/spec/containers/0/ports/2: `containerPort: 53` with `protocol: \"TCP\"` \
          is already item 0"
        ]
    );
}

#[test]
fn null_is_refused_wherever_it_stands() {
    let deployment = deployment(&json!({"name": "api", "resources": null}));
    assert_eq!(
        problems(&deployment),
        [
            "/spec/template/spec/containers/0/resources: `null` where a value is expected (leave \
          the field out: Flux would apply it again at every reconciliation)"
        ]
    );
}

#[test]
fn secret_data_must_be_base64() {
    let secret = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "token", "namespace": "demo"},
        "data": {"good": "aGVsbG8=", "bad": "hello"},
    });
    assert_eq!(problems(&secret), ["/data/bad: \"hello\" is not base64"]);
}

#[test]
fn the_objects_of_gateway_api_are_valid_themselves() {
    for object in gateway_api() {
        assert_eq!(problems(&object), NOTHING, "{}", object["metadata"]["name"]);
    }
}

#[test]
fn a_misspelt_keyword_deep_in_a_custom_resource_definition_is_found() {
    let mut crd = gateway_api().swap_remove(0);
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["requird"] =
        json!(["targetRefs"]);
    assert_eq!(
        problems(&crd),
        [
            "/spec/versions/0/schema/openAPIV3Schema/properties/spec/requird: unknown field \
          `requird` (did you mean `required`?)"
        ]
    );
}

#[test]
fn the_values_of_a_helm_release_are_free_and_its_other_fields_are_not() {
    let release = json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "cilium", "namespace": "kube-system"},
        "spec": {
            "interval": "1h",
            "chart": {"spec": {"chart": "cilium", "sourceRef": {"kind": "HelmRepo", "name": "cilium"}}},
            "values": {"anything": {"goes": null}},
            "vaules": {},
        },
    });
    assert_eq!(
        problems(&release),
        [
            "/spec/chart/spec/sourceRef/kind: `\"HelmRepo\"` is none of `\"HelmRepository\"`, \
             `\"GitRepository\"`, `\"Bucket\"`",
            "/spec/vaules: unknown field `vaules` (did you mean `values`?)",
        ]
    );
}

#[test]
fn a_flux_kustomization_is_held_to_its_patterns() {
    let kustomization = json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "allow-cilium", "namespace": "flux-system"},
        "spec": {
            "interval": "10 minutes",
            "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
        },
    });
    assert_eq!(
        problems(&kustomization),
        [r#"/spec/interval: "10 minutes" does not match `^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$`"#]
    );
}

#[test]
fn every_reference_among_the_built_in_kinds_leads_somewhere() {
    let mut waiting: Vec<&Value> = catalogue::api_versions()
        .flat_map(|version| catalogue::kinds_of(version).map(move |kind| (version, kind)))
        .map(|(version, kind)| catalogue::kind(version, kind).unwrap().source())
        .collect();
    let mut seen = BTreeSet::new();
    while let Some(source) = waiting.pop() {
        match source {
            Value::Array(items) => waiting.extend(items),
            Value::Object(fields) => waiting.extend(fields.values()),
            _ => {}
        }
        if let Some(name) = source.get("$ref").and_then(Value::as_str)
            && seen.insert(name)
        {
            let definition = catalogue::definition(name);
            waiting.push(definition.unwrap_or_else(|| panic!("{name}")).source());
        }
    }
    assert!(seen.contains(catalogue::OBJECT_META));
}
