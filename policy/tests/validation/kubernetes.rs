use serde_json::{Value, json};
use ztgit_policy::{Consequence, Violation};

use super::{only, takes, violations};

fn of_spec(spec: &Value) -> Vec<Violation> {
    violations(&json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "policy", "namespace": "shop"},
        "spec": spec,
    }))
}

fn port(port: &Value) -> Vec<Violation> {
    of_spec(&json!({"podSelector": {}, "ingress": [{"ports": [port]}]}))
}

fn peer(peer: &Value) -> Vec<Violation> {
    of_spec(&json!({"podSelector": {}, "egress": [{"to": [peer]}]}))
}

#[track_caller]
fn invalid(violations: &[Violation], pointer: &str, message: &str) {
    only(violations, Consequence::RefusedByServer, pointer, message);
}

#[test]
fn a_common_policy_is_taken() {
    takes(&of_spec(&json!({
        "podSelector": {"matchLabels": {"app": "api"}},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [{"from": [{"namespaceSelector": {}, "podSelector": {}}], "ports": [{"port": "http"}]}],
        "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}],
                    "ports": [{"port": 53, "protocol": "UDP"}, {"port": 80, "endPort": 90}, {}]}],
    })));
}

#[test]
fn a_misspelt_section_is_found() {
    let found = of_spec(&json!({"podSelector": {}, "ingres": [{}]}));
    only(
        &found,
        Consequence::Dropped,
        "/spec/ingres",
        "there is no `ingres` here",
    );
    assert_eq!(found[0].hint.as_deref(), Some("did you mean `ingress`?"));
}

#[test]
fn ports_and_their_ranges_have_their_form() {
    invalid(
        &port(&json!({"port": 65536})),
        "/spec/ingress/0/ports/0/port",
        "`65536` is no port",
    );
    invalid(
        &port(&json!({"port": 0})),
        "/spec/ingress/0/ports/0/port",
        "port 0",
    );
    invalid(
        &port(&json!({"port": 80, "protocol": "ICMP"})),
        "/spec/ingress/0/ports/0/protocol",
        "there is no protocol `ICMP`",
    );
    invalid(
        &port(&json!({"port": 90, "endPort": 80})),
        "/spec/ingress/0/ports/0/endPort",
        "80 does not end a range that starts at 90",
    );
    invalid(
        &port(&json!({"port": "http", "endPort": 80})),
        "/spec/ingress/0/ports/0/endPort",
        "`endPort` without a number in `port`",
    );
}

#[test]
fn a_peer_selects_something() {
    invalid(
        &peer(&json!({})),
        "/spec/egress/0/to/0",
        "a peer that selects nothing",
    );
}

#[test]
fn a_block_is_a_range_and_its_exceptions_are_smaller() {
    invalid(
        &peer(&json!({"ipBlock": {"cidr": "10.0.0.1"}})),
        "/spec/egress/0/to/0/ipBlock/cidr",
        "`10.0.0.1` is no range",
    );
    invalid(
        &peer(&json!({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.0.0.0/8"]}})),
        "/spec/egress/0/to/0/ipBlock/except/0",
        "`10.0.0.0/8` is not strictly inside `10.0.0.0/8`",
    );
}
