use serde_json::{Value, json};
use ztgit_policy::model::Protocol;

use super::{passes, question, shop, tcp};

#[test]
fn ports_match_by_number_range_name_and_protocol() {
    let policy = |port: Value| {
        shop(&json!({"endpointSelector": {}, "ingress": [{"toPorts": [{"ports": [port]}]}]}))
    };
    let at = |port| tcp("web", "api", port);
    assert!(passes(&[&policy(json!({"port": "8080"}))], &at(8080)));
    assert!(!passes(
        &[&policy(json!({"port": "8080", "protocol": "UDP"}))],
        &at(8080)
    ));
    assert!(passes(
        &[&policy(json!({"port": "8000", "endPort": 8100}))],
        &at(8100)
    ));
    assert!(!passes(
        &[&policy(json!({"port": "8000", "endPort": 8100}))],
        &at(8101)
    ));
    assert!(passes(
        &[&policy(json!({"port": "HTTP", "protocol": "TCP"}))],
        &at(8080)
    ));
    assert!(!passes(
        &[&policy(json!({"port": "http", "protocol": "TCP"}))],
        &at(80)
    ));
    assert!(passes(
        &[&policy(json!({"port": "0", "protocol": "TCP"}))],
        &at(1)
    ));
}

#[test]
fn every_port_is_not_every_protocol() {
    let policy = |entry: Value| shop(&json!({"endpointSelector": {}, "ingress": [entry]}));
    let ping = question("web", "api", Protocol::Icmp, 8);
    let every_port = policy(json!({"toPorts": [{"ports": [{"port": "0", "protocol": "ANY"}]}]}));
    assert!(!passes(&[&every_port], &ping));
    assert!(
        passes(&[&policy(json!({"fromEndpoints": [{}]}))], &ping),
        "no ports at all"
    );
    let icmp = policy(json!({"icmps": [{"fields": [{"type": "EchoRequest"}]}]}));
    assert!(passes(&[&icmp], &ping));
}

#[test]
fn the_icmp_type_zero_means_every_type() {
    let policy = shop(&json!({
        "endpointSelector": {},
        "ingress": [{"icmps": [{"fields": [{"type": "EchoReply"}]}]}],
    }));
    assert!(passes(
        &[&policy],
        &question("web", "api", Protocol::Icmp, 8)
    ));
}

#[test]
fn an_item_of_ports_without_ports_allows_nothing() {
    let policy = shop(&json!({
        "endpointSelector": {},
        "ingress": [{"fromEndpoints": [{}], "toPorts": [{"ports": []}]}],
    }));
    assert!(!passes(&[&policy], &tcp("web", "api", 8080)));
}
