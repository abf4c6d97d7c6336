//! Flows that would void each other.

use serde_json::{Value, json};
use ztgit_plugin::Place;
use ztgit_plugin::testing::Rendered;

use crate::stack::{
    finding, flow_fact, flow_policies, frontend_to_api, policy, stating, tcp, with_flow, workload,
};

fn get() -> Value {
    frontend_to_api(json!({"ports": [tcp(8080)], "http": [{"method": "GET", "path": "/get"}]}))
}

fn beside(flow: Value, other: Value) -> Rendered {
    with_flow(flow)
        .patch_cluster(&json!({"flows": {"g": other}}))
        .render()
}

#[track_caller]
fn void(other: Value) {
    let rendered = beside(get(), other);
    let finding = finding(&rendered);
    assert_eq!(finding.code, "l7-void");
    assert_eq!(finding.place, Place::Cluster("/flows/f/http".to_owned()));
    assert!(finding.message.contains("flow `g`"), "{}", finding.message);
}

#[test]
fn the_same_port_without_requests() {
    void(frontend_to_api(json!({"ports": [tcp(8080)]})));
}

#[test]
fn all_ports() {
    void(frontend_to_api(json!({})));
}

#[test]
fn a_range_around_the_port() {
    let range = json!([{"port": 8000, "endPort": 9000, "protocol": "TCP"}]);
    void(frontend_to_api(json!({ "ports": range })));
}

#[test]
fn everything_in_the_callers_namespace() {
    void(json!({
        "from": {"pods": {"namespace": "my-app"}},
        "to": workload("api"),
        "ports": [tcp(8080)],
    }));
}

#[test]
fn everything_in_the_cluster() {
    void(json!({"from": {"entity": "cluster"}, "to": workload("api"), "ports": [tcp(8080)]}));
}

#[test]
fn another_port_another_caller_or_a_denial_is_fine() {
    let others = [
        frontend_to_api(json!({"ports": [tcp(8081)]})),
        frontend_to_api(json!({"ports": [{"port": 8080, "protocol": "UDP"}]})),
        frontend_to_api(json!({"icmp": [{"type": 8}]})),
        json!({"from": {"entity": "gateway"}, "to": workload("api"), "ports": [tcp(8080)]}),
        json!({"from": {"pods": {"namespace": "other"}}, "to": workload("api"), "ports": [tcp(8080)]}),
        frontend_to_api(json!({"ports": [tcp(8080)], "action": "deny"})),
        json!({"from": workload("frontend"), "to": workload("frontend"), "ports": [tcp(8080)]}),
    ];
    for other in others {
        let rendered = beside(get(), other.clone());
        assert!(
            rendered.errors().is_empty(),
            "{other}: {:?}",
            rendered.errors()
        );
    }
}

#[test]
fn two_flows_with_requests_add_up() {
    let post = frontend_to_api(json!({"ports": [tcp(8080)], "http": [{"method": "POST"}]}));
    assert!(beside(get(), post).errors().is_empty());
}

#[test]
fn server_names_and_a_range_around_them() {
    let names = json!({"ports": [tcp(443)], "serverNames": ["api.example.com"]});
    let mut flow = names;
    flow["from"] = workload("api");
    flow["to"] = json!({"cidr": {"range": "192.0.2.0/28"}});
    let world = json!({"from": workload("api"), "to": {"entity": "world"}, "ports": [tcp(443)]});
    let rendered = beside(flow, world);
    assert_eq!(finding(&rendered).code, "l7-void");
}

#[test]
fn requests_and_server_names_on_one_port() {
    let names = frontend_to_api(json!({"ports": [tcp(8080)], "serverNames": ["api.example.com"]}));
    let rendered = beside(get(), names);
    assert_eq!(finding(&rendered).code, "l7-mixed");
}

#[test]
fn a_plugins_flow_gives_way_to_the_requests_of_the_stack() {
    let mut stack = get();
    stack["from"] = json!({"entity": "gateway"});
    let ports = json!([tcp(8080), tcp(9090)]);
    let plugin = json!({"from": {"entity": "gateway"}, "to": workload("api"), "ports": ports});
    let rendered = stating(with_flow(stack), "gateway-tls", &flow_fact("web", plugin)).render();
    assert!(rendered.errors().is_empty(), "{:?}", rendered.errors());
    assert_eq!(finding(&rendered).code, "flow-narrowed");
    assert_eq!(
        policy(&rendered, "gateway-tls.web.ingress")["spec"]["ingress"][0]["toPorts"],
        json!([{"ports": [{"port": "9090", "protocol": "TCP"}]}])
    );
}

#[test]
fn a_plugins_flow_of_which_nothing_is_left_goes() {
    let mut stack = get();
    stack["from"] = json!({"entity": "gateway"});
    let plugin =
        json!({"from": {"entity": "gateway"}, "to": workload("api"), "ports": [tcp(8080)]});
    let rendered = stating(with_flow(stack), "gateway-tls", &flow_fact("web", plugin)).render();
    let names: Vec<String> = flow_policies(&rendered)
        .into_iter()
        .map(|(n, _)| n)
        .collect();
    assert_eq!(names, ["f.ingress"]);
}

#[test]
fn a_plugins_flow_on_all_ports_cannot_give_way() {
    let mut stack = get();
    stack["from"] = json!({"entity": "gateway"});
    let plugin = json!({"from": {"entity": "gateway"}, "to": workload("api")});
    let rendered = stating(with_flow(stack), "gateway-tls", &flow_fact("web", plugin)).render();
    assert_eq!(rendered.errors(), ["l7-void"]);
}

#[test]
fn two_plugins_that_contradict_each_other_are_both_told() {
    let wide = flow_fact("wide", frontend_to_api(json!({"ports": [tcp(8080)]})));
    let narrow = flow_fact("narrow", get());
    let flow = frontend_to_api(json!({"ports": [tcp(1)]}));
    let harness = stating(with_flow(flow), "one", &wide);
    let rendered = stating(harness, "two", &narrow).render();
    let finding = finding(&rendered);
    assert_eq!(
        (finding.code.as_str(), &finding.place),
        ("l7-void", &Place::Fact(1))
    );
    assert!(finding.message.contains("plugin `one`") && finding.message.contains("plugin `two`"));
}

#[test]
fn the_cluster_is_not_the_world() {
    let mut flow = get();
    flow["from"] = json!({"entity": "world"});
    let cluster =
        json!({"from": {"entity": "cluster"}, "to": workload("api"), "ports": [tcp(8080)]});
    assert!(beside(flow, cluster).errors().is_empty());
}
