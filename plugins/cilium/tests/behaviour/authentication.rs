//! Flows whose ends have to be authenticated.

use serde_json::{Value, json};

use crate::stack::{frontend_to_api, policy, release_values, tcp, with_flow, workload};

fn required(more: Value) -> Value {
    let mut flow = frontend_to_api(json!({"ports": [tcp(8080)], "authentication": "required"}));
    for (key, value) in more.as_object().expect("fields") {
        flow[key] = value.clone();
    }
    flow
}

#[test]
fn both_halves_ask_for_it_and_the_agents_are_told_to_do_it() {
    let rendered = with_flow(required(json!({}))).render();
    for (half, section) in [("f.egress", "egress"), ("f.ingress", "ingress")] {
        let rule = policy(&rendered, half)["spec"][section][0].clone();
        assert_eq!(
            rule["authentication"],
            json!({"mode": "required"}),
            "{half}"
        );
    }
    assert_eq!(
        release_values(&rendered)["authentication"]["enabled"],
        json!(true)
    );
}

#[test]
fn a_flow_without_it_says_nothing_of_it() {
    let rendered = with_flow(frontend_to_api(json!({"ports": [tcp(8080)]}))).render();
    let spec = policy(&rendered, "f.egress")["spec"].to_string();
    assert!(!spec.contains("authentication"), "{spec}");
}

#[test]
fn where_the_stack_switches_it_off_everything_would_be_blocked_and_is_refused() {
    let rendered = with_flow(required(json!({})))
        .config(json!({"values": {"authentication": {"enabled": false}}}))
        .render();
    assert_eq!(rendered.errors(), ["switched-off"]);
}

#[test]
fn its_deprecation_is_told() {
    let rendered = with_flow(required(json!({}))).render();
    assert!(rendered.warnings().contains(&"authentication-deprecated"));
}

#[test]
fn it_is_refused_where_cilium_no_longer_has_it() {
    let rendered = with_flow(required(json!({})))
        .patch_cluster(&json!({"cni": {"version": "1.21.0"}}))
        .render();
    assert_eq!(rendered.errors(), ["unsupported-version"]);
}

#[test]
fn only_pods_can_be_authenticated() {
    let rendered = with_flow(required(json!({"from": {"entity": "world"}}))).render();
    assert_eq!(rendered.errors(), ["authenticated-end"]);
    let rendered = with_flow(required(json!({"action": "deny"}))).render();
    assert_eq!(rendered.errors(), ["authenticated-deny"]);
}

#[test]
fn an_open_flow_beside_one_that_asks_for_it_is_refused() {
    let open = json!({"from": workload("frontend"), "to": workload("api")});
    let rendered = with_flow(required(json!({})))
        .patch_cluster(&json!({"flows": {"g": open}}))
        .render();
    assert_eq!(rendered.errors(), ["l7-void"]);
}

#[test]
fn spire_reaches_the_api_server_and_is_reached_by_the_agents() {
    let rendered = with_flow(required(json!({}))).render();
    let spire = policy(&rendered, "zt-allow-spire-server");
    assert_eq!(spire["metadata"]["namespace"], json!("cilium-spire"));
    assert_eq!(
        spire["spec"]["ingress"][0]["fromEntities"],
        json!(["host", "remote-node"])
    );
}
