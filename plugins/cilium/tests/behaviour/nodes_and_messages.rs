//! Ends that are nodes, and flows of ICMP.

use serde_json::{Value, json};

use crate::stack::{
    between, finding, frontend_to_api, policy, release_values, tcp, with_flow, workload,
};

fn from_nodes(labels: Value) -> Value {
    json!({"from": {"nodes": {"labels": labels}}, "to": workload("api"), "ports": [tcp(8080)]})
}

fn labelled_node() -> Value {
    json!({"nodes": {"pi-1": {"labels": {"disk": "ssd"}}}})
}

#[test]
fn all_nodes_are_the_pods_own_and_the_others() {
    let rendered = with_flow(from_nodes(json!({}))).render();
    assert_eq!(
        policy(&rendered, "f.ingress")["spec"]["ingress"][0]["fromEntities"],
        json!(["host", "remote-node"])
    );
}

#[test]
fn nodes_by_label_need_agents_that_look_at_labels_of_nodes() {
    let rendered = with_flow(from_nodes(json!({"disk": "ssd"})))
        .patch_cluster(&labelled_node())
        .render();
    assert_eq!(
        policy(&rendered, "f.ingress")["spec"]["ingress"][0]["fromNodes"],
        json!([{"matchLabels": {"disk": "ssd"}}])
    );
    assert_eq!(release_values(&rendered)["nodeSelectorLabels"], json!(true));
}

#[test]
fn nodes_by_label_are_refused_where_the_stack_switches_that_off() {
    let rendered = with_flow(from_nodes(json!({"disk": "ssd"})))
        .patch_cluster(&labelled_node())
        .config(json!({"values": {"nodeSelectorLabels": false}}))
        .render();
    assert_eq!(rendered.errors(), ["switched-off"]);
}

#[test]
fn labels_that_no_node_has_are_refused() {
    let rendered = with_flow(from_nodes(json!({"disk": "sdd"})))
        .patch_cluster(&labelled_node())
        .render();
    assert_eq!(rendered.errors(), ["no-such-node"]);
}

#[test]
fn ping_is_allowed_by_the_type_of_its_message() {
    let icmp = json!([{"family": "IPv4", "type": 8}, {"family": "IPv6", "type": 128}]);
    let rendered = with_flow(frontend_to_api(json!({ "icmp": icmp }))).render();
    let rule = policy(&rendered, "f.ingress")["spec"]["ingress"][0].clone();
    assert_eq!(rule["icmps"], json!([{ "fields": icmp }]));
    assert_eq!(rule["toPorts"], Value::Null);
}

#[test]
fn more_messages_than_a_list_may_have_are_spread_over_several() {
    let icmp: Vec<Value> = (1..=41)
        .map(|kind| json!({"family": "IPv6", "type": kind}))
        .collect();
    let rendered = with_flow(frontend_to_api(json!({ "icmp": icmp }))).render();
    let lists = policy(&rendered, "f.egress")["spec"]["egress"][0]["icmps"].clone();
    let sizes: Vec<usize> = lists
        .as_array()
        .unwrap()
        .iter()
        .map(|list| list["fields"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [40, 1]);
}

#[test]
fn messages_and_ports_in_one_flow_are_refused() {
    let more = json!({"icmp": [{"type": 8}], "ports": [tcp(80)]});
    assert_eq!(
        finding(&with_flow(frontend_to_api(more)).render()).code,
        "icmp-and-ports"
    );
}

#[test]
fn ping_to_a_host_outside_goes_by_its_range() {
    let range = json!({"cidr": {"range": "192.0.2.0/24"}});
    let rendered = with_flow(between("api", range, json!({"icmp": [{"type": 8}]}))).render();
    let rule = policy(&rendered, "f.egress")["spec"]["egress"][0].clone();
    assert_eq!(rule["toCIDRSet"], json!([{"cidr": "192.0.2.0/24"}]));
    assert!(rule["icmps"].is_array());
}

#[test]
fn sctp_is_switched_on_in_the_agents_and_may_not_be_off() {
    let sctp = json!({"ports": [{"port": 9899, "protocol": "SCTP"}]});
    let rendered = with_flow(frontend_to_api(sctp.clone())).render();
    assert_eq!(release_values(&rendered)["sctp"], json!({"enabled": true}));
    let off = with_flow(frontend_to_api(sctp))
        .config(json!({"values": {"sctp": {"enabled": false}}}))
        .render();
    assert_eq!(off.errors(), ["switched-off"]);
}

#[test]
fn a_type_that_stands_for_all_is_refused() {
    let echo_reply = json!({"icmp": [{"type": 0}]});
    assert_eq!(
        finding(&with_flow(frontend_to_api(echo_reply)).render()).code,
        "icmp-zero"
    );
}
