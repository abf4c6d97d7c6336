//! Ports that the host firewall has to leave open.

use serde_json::{Value, json};
use ztgit_plugin::testing::Harness;
use ztgit_plugin_cilium::Cilium;

use crate::stack::{homelab, two_nodes};

fn ports(harness: &Harness<Cilium>) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    harness
        .facts()
        .facts
        .iter()
        .filter(|fact| fact.kind == "host-port")
        .map(|fact| {
            let value = &fact.value;
            format!(
                "{} {} {}",
                value["protocol"],
                value["port"],
                text(&value["from"])
            )
        })
        .map(|line| line.replace('"', ""))
        .collect()
}

#[test]
fn nodes_reach_each_other_for_encryption_tunnel_health_and_flows() {
    assert_eq!(
        ports(&two_nodes()),
        [
            "UDP 51871 nodes",
            "UDP 8472 nodes",
            "TCP 4240 nodes",
            "TCP 4244 nodes",
            "TCP 4244 pods"
        ]
    );
}

#[test]
fn a_single_node_is_reached_by_its_own_relay_alone() {
    assert_eq!(ports(&homelab()), ["TCP 4244 pods"]);
    assert!(ports(&homelab().config(json!({"hubble": {"relay": false}}))).is_empty());
}

#[test]
fn the_tunnels_port_is_that_of_its_protocol() {
    let geneve = two_nodes().config(json!({"values": {"tunnelProtocol": "geneve"}}));
    assert!(ports(&geneve).contains(&"UDP 6081 nodes".to_owned()));
    let native = two_nodes().config(json!({"values": {"routingMode": "native"}}));
    assert!(
        !ports(&native)
            .iter()
            .any(|p| p.contains("8472") || p.contains("6081"))
    );
}

#[test]
fn without_encryption_its_port_stays_shut() {
    let plain = two_nodes().config(json!({"encryption": "none"}));
    assert!(!ports(&plain).iter().any(|p| p.contains("51871")));
}

#[test]
fn another_network_plugin_opens_nothing() {
    assert!(ports(&two_nodes().patch_cluster(&json!({"cni": {"name": "flannel"}}))).is_empty());
}
