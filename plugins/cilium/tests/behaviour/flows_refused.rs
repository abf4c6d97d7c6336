//! Flows that Cilium could not carry out, or not as they look.

use serde_json::{Value, json};
use ztgit_plugin::Place;

use crate::stack::{
    between, finding, flow_fact, frontend_to_api, homelab, stating, tcp, two_nodes, with_flow,
    workload,
};

/// Asserts that a flow has exactly one thing wrong with it, and where.
#[track_caller]
fn refused(flow: Value, code: &str, place: &str) {
    let rendered = with_flow(flow).render();
    assert_eq!(rendered.errors(), [code]);
    assert_eq!(
        finding(&rendered).place,
        Place::Cluster(format!("/flows/f{place}"))
    );
}

fn on_8080(more: Value) -> Value {
    let mut flow = frontend_to_api(more);
    flow["ports"] = json!([tcp(8080)]);
    flow
}

#[test]
fn a_flow_without_a_pod_at_either_end() {
    let world = json!({"entity": "world"});
    refused(
        json!({"from": world, "to": {"entity": "gateway"}}),
        "no-pod",
        "",
    );
}

#[test]
fn a_dns_name_that_is_an_address() {
    refused(
        between("api", json!({"fqdn": "192.0.2.1"}), json!({})),
        "fqdn",
        "/to",
    );
}

#[test]
fn a_dns_name_that_stands_for_everything() {
    for name in ["*", "*.com"] {
        refused(
            between("api", json!({ "fqdn": name }), json!({})),
            "fqdn",
            "/to",
        );
    }
}

#[test]
fn a_dns_name_of_the_cluster() {
    let name = json!({"fqdn": "api.my-app.svc.cluster.local"});
    refused(between("api", name, json!({})), "fqdn", "/to");
}

#[test]
fn a_dns_name_as_the_origin() {
    let flow = json!({"from": {"fqdn": "api.github.com"}, "to": workload("api")});
    refused(flow, "fqdn-source", "/from");
}

#[test]
fn a_denied_dns_name() {
    let name = json!({"fqdn": "api.github.com"});
    refused(
        between("api", name, json!({"action": "deny"})),
        "fqdn-deny",
        "/to",
    );
}

#[test]
fn an_exception_outside_its_range() {
    let range = json!({"cidr": {"range": "172.16.0.0/12", "except": ["10.9.0.0/24"]}});
    refused(between("api", range, json!({})), "cidr-except", "/to");
}

#[test]
fn a_range_within_pods_or_services() {
    for range in ["10.42.7.0/24", "10.43.0.10/32"] {
        let peer = json!({"cidr": {"range": range}});
        refused(between("api", peer, json!({})), "cidr-in-cluster", "/to");
    }
}

#[test]
fn a_range_that_is_a_nodes_address() {
    let peer = json!({"cidr": {"range": "192.168.1.10/32"}});
    refused(between("api", peer, json!({})), "cidr-is-node", "/to");
}

#[test]
fn a_neighbour_of_the_nodes_is_fine() {
    let peer = json!({"cidr": {"range": "192.168.1.50/32"}});
    assert!(
        with_flow(between("api", peer, json!({})))
            .render()
            .errors()
            .is_empty()
    );
}

#[test]
fn a_range_of_ports_that_goes_backwards_or_begins_at_zero() {
    let backwards = json!({"ports": [{"port": 90, "endPort": 80, "protocol": "TCP"}]});
    refused(frontend_to_api(backwards), "port-range", "/ports/0");
    refused(
        frontend_to_api(json!({"ports": [tcp(80), tcp(0)]})),
        "port-range",
        "/ports/1",
    );
}

#[test]
fn http_over_udp() {
    let more = json!({"ports": [{"port": 53, "protocol": "UDP"}], "http": [{"path": "/"}]});
    refused(frontend_to_api(more), "l7-protocol", "/ports/0");
}

#[test]
fn http_on_a_range_of_ports() {
    let ports = json!([{"port": 8000, "endPort": 8010, "protocol": "TCP"}]);
    refused(
        frontend_to_api(json!({"ports": ports, "http": [{"path": "/"}]})),
        "l7-range",
        "/ports/0",
    );
}

#[test]
fn http_without_a_port() {
    refused(
        frontend_to_api(json!({"http": [{"path": "/"}]})),
        "l7-ports",
        "/http",
    );
}

#[test]
fn denied_http() {
    refused(
        on_8080(json!({"action": "deny", "http": [{"path": "/"}]})),
        "l7-deny",
        "/http",
    );
}

#[test]
fn an_empty_http_match() {
    refused(
        on_8080(json!({"http": [{"path": "/"}, {}]})),
        "http-empty",
        "/http/1",
    );
    refused(
        on_8080(json!({"http": [{"pathRegex": ""}]})),
        "http-empty",
        "/http/0/pathRegex",
    );
}

#[test]
fn a_method_that_is_an_expression() {
    for method in ["GET|POST", "get", ""] {
        refused(
            on_8080(json!({"http": [{"method": method}]})),
            "http-method",
            "/http/0/method",
        );
    }
}

#[test]
fn a_path_that_is_relative_or_has_a_query() {
    for path in ["get", "", "/get?x=1"] {
        refused(
            on_8080(json!({"http": [{"path": path}]})),
            "http-path",
            "/http/0/path",
        );
    }
}

#[test]
fn a_path_and_an_expression_for_it() {
    let request = json!({"path": "/a", "pathRegex": "/b"});
    refused(
        on_8080(json!({"http": [request]})),
        "http-path-twice",
        "/http/0",
    );
}

#[test]
fn requests_within_tls() {
    let more = json!({"http": [{"path": "/"}], "serverNames": ["api.example.com"]});
    refused(on_8080(more), "tls-and-http", "/serverNames");
}

#[test]
fn a_server_name_that_is_no_name() {
    for name in ["*", "", "*.com", "api"] {
        refused(
            on_8080(json!({ "serverNames": [name] })),
            "server-name",
            "/serverNames",
        );
    }
}

#[test]
fn every_problem_of_every_flow_is_reported_at_once() {
    let one = between("api", json!({"fqdn": "*"}), json!({"ports": [tcp(0)]}));
    let other = json!({"from": {"entity": "world"}, "to": {"entity": "host"}});
    let rendered = with_flow(one)
        .patch_cluster(&json!({"flows": {"g": other}}))
        .render();
    assert_eq!(rendered.errors(), ["fqdn", "port-range", "no-pod"]);
}

#[test]
fn a_plugins_flow_is_refused_at_its_fact_and_names_the_plugin() {
    let flow = flow_fact(
        "scrape",
        json!({"from": workload("prometheus"), "to": workload("api")}),
    );
    let rendered = stating(homelab(), "metrics", &flow).render();
    let finding = finding(&rendered);
    assert_eq!(
        (finding.code.as_str(), &finding.place),
        ("unknown-workload", &Place::Fact(0))
    );
    assert!(
        finding.message.contains("plugin `metrics`"),
        "{}",
        finding.message
    );
}

#[test]
fn two_flows_of_one_name_from_one_plugin() {
    let one = flow_fact("scrape", frontend_to_api(json!({"ports": [tcp(1)]})));
    let two = flow_fact("scrape", frontend_to_api(json!({"ports": [tcp(2)]})));
    let rendered = stating(stating(two_nodes(), "metrics", &one), "metrics", &two).render();
    assert_eq!(finding(&rendered).code, "flow-twice");
}
