//! What the validation refuses and takes. The facts are those of Cilium's
//! `rule_validation_test.go` and `examples/policies`; another, slow test compares with
//! the agent's own parsing.

mod kubernetes;
mod peers;
mod ports;
mod requests;
mod subjects;
mod versions;

use serde_json::{Value, json};
use ztgit_policy::{Agent, CiliumVersion, Consequence, Policy, Violation, validate};

fn agent() -> Agent {
    Agent::new(CiliumVersion::new(1, 20))
}

fn object(kind: &str, spec: &Value) -> Value {
    let mut object = json!({
        "apiVersion": "cilium.io/v2",
        "kind": kind,
        "metadata": {"name": "policy"},
        "spec": spec,
    });
    if kind == "CiliumNetworkPolicy" {
        object["metadata"]["namespace"] = json!("shop");
    }
    object
}

fn violations(object: &Value) -> Vec<Violation> {
    validate(&Policy::read(object).expect("a policy"), &agent())
}

/// What is wrong with a policy of a namespace.
fn of_spec(spec: &Value) -> Vec<Violation> {
    violations(&object("CiliumNetworkPolicy", spec))
}

/// What is wrong with one rule of a section, beside a subject.
fn of_entry(section: &str, entry: &Value) -> Vec<Violation> {
    of_spec(&json!({"endpointSelector": {}, section: [entry]}))
}

#[track_caller]
fn takes(violations: &[Violation]) {
    assert_eq!(violations, [], "nothing is wrong");
}

/// Exactly one thing is wrong, there and with that consequence.
#[track_caller]
fn only(violations: &[Violation], consequence: Consequence, pointer: &str, message: &str) {
    let [one] = violations else {
        panic!("not one violation: {violations:#?}");
    };
    let found = (one.consequence, one.pointer.as_str(), one.message.as_str());
    assert_eq!(found, (consequence, pointer, message));
}

/// The agent refuses, for exactly this reason.
#[track_caller]
fn refuses(violations: &[Violation], pointer: &str, message: &str) {
    only(violations, Consequence::RefusedByAgent, pointer, message);
}

#[test]
fn a_policy_of_everything_common_is_taken() {
    takes(&of_spec(&json!({
        "description": "the shop",
        "endpointSelector": {"matchLabels": {"k8s:app": "api", "tier": "back"}},
        "enableDefaultDeny": {"ingress": true, "egress": false},
        "ingress": [
            {"fromEndpoints": [{"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}],
             "toPorts": [{"ports": [{"port": "8080", "protocol": "TCP"}],
                          "rules": {"http": [{"method": "GET", "path": "/items(/.*)?"}]}}]},
            {"fromEntities": ["ingress", "host"]},
            {"icmps": [{"fields": [{"type": 8, "family": "IPv4"}]}]},
        ],
        "egress": [
            {"toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system"}}],
             "toPorts": [{"ports": [{"port": "53", "protocol": "ANY"}],
                          "rules": {"dns": [{"matchPattern": "*.example.com"}]}}]},
            {"toFQDNs": [{"matchName": "api.example.com"}], "toPorts": [{"ports": [{"port": "443"}]}]},
            {"toCIDRSet": [{"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}]},
            {"toServices": [{"k8sService": {"serviceName": "db", "namespace": "data"}}]},
            {"toEntities": ["world"],
             "toPorts": [{"ports": [{"port": "443", "protocol": "TCP"}], "serverNames": ["*.example.org"]}]},
        ],
        "egressDeny": [{"toCIDR": ["169.254.169.254/32"]}],
    })));
}

#[test]
fn every_violation_is_reported_by_place() {
    let violations = of_spec(&json!({
        "endpointSelector": {},
        "ingress": [
            {"fromEntities": ["hosts"]},
            {"fromCIDR": ["10.0.0.0/40"]},
        ],
    }));
    let pointers: Vec<_> = violations.iter().map(|one| one.pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/spec/ingress/0/fromEntities/0",
            "/spec/ingress/1/fromCIDR/0"
        ]
    );
}

#[test]
fn an_unknown_key_is_dropped_and_a_known_one_suggested() {
    let violations = of_entry(
        "ingress",
        &json!({
            "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}],
                         "rules": {"http": [{"methods": ["GET"]}]}}],
        }),
    );
    let pointer = "/spec/ingress/0/toPorts/0/rules/http/0/methods";
    only(
        &violations,
        Consequence::Dropped,
        pointer,
        "there is no `methods` here",
    );
    assert_eq!(
        violations[0].hint.as_deref(),
        Some("did you mean `method`?")
    );
}

#[test]
fn a_key_far_from_every_known_one_gets_the_known_ones() {
    let violations = of_spec(&json!({"endpointSelector": {}, "ingress": [{}], "rules": []}));
    let hint = violations[0].hint.as_deref().unwrap_or_default();
    assert!(
        hint.starts_with("known are `description`, `egress`"),
        "{hint}"
    );
}

#[test]
fn a_value_of_the_wrong_type_is_for_the_server_to_refuse() {
    let violations = of_entry("ingress", &json!({"toPorts": [{"ports": [{"port": 80}]}]}));
    let pointer = "/spec/ingress/0/toPorts/0/ports/0/port";
    let wrong = violations
        .iter()
        .find(|one| one.pointer.as_str() == pointer);
    let wrong = wrong.expect("a port of Cilium is text");
    assert_eq!(wrong.consequence, Consequence::RefusedByServer);
    assert_eq!(wrong.message, "this has to be a string");
}
