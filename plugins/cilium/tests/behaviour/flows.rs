//! Flows as policies.

use serde_json::{Value, json};
use ztgit_plugin::Phase;

use crate::stack::{
    between, flow_fact, flow_policies, frontend_to_api, homelab, policy, stating, tcp, with_flow,
    workload,
};

/// The half of flow `f` where it starts.
fn egress(flow: Value) -> Value {
    policy(&with_flow(flow).render(), "f.egress")["spec"].clone()
}

/// The half of flow `f` where it ends.
fn ingress(flow: Value) -> Value {
    policy(&with_flow(flow).render(), "f.ingress")["spec"].clone()
}

fn http(request: Value) -> Value {
    let flow = frontend_to_api(json!({"ports": [tcp(8080)], "http": [request]}));
    ingress(flow)["ingress"][0]["toPorts"][0]["rules"]["http"][0].clone()
}

#[test]
fn a_flow_between_workloads_becomes_both_halves() {
    let flow = frontend_to_api(json!({"ports": [tcp(8080)]}));
    let ports = json!([{"ports": [{"port": "8080", "protocol": "TCP"}]}]);
    let egress = egress(flow.clone());
    assert_eq!(
        egress["endpointSelector"],
        json!({"matchLabels": {"k8s:app": "my-frontend"}})
    );
    assert_eq!(
        egress["egress"],
        json!([{
            "toEndpoints": [{"matchLabels": {
                "k8s:app": "my-api",
                "k8s:io.kubernetes.pod.namespace": "my-app",
            }}],
            "toPorts": ports,
        }])
    );
    let ingress = ingress(flow);
    assert_eq!(
        ingress["endpointSelector"],
        json!({"matchLabels": {"k8s:app": "my-api"}})
    );
    assert_eq!(
        ingress["ingress"],
        json!([{
            "fromEndpoints": [{"matchLabels": {
                "k8s:app": "my-frontend",
                "k8s:io.kubernetes.pod.namespace": "my-app",
            }}],
            "toPorts": ports,
        }])
    );
}

#[test]
fn each_half_lives_in_the_namespace_of_its_own_pods() {
    let pods = json!({"pods": {"namespace": "monitoring", "labels": {"app": "prometheus"}}});
    let flow = json!({"from": pods, "to": workload("api"), "ports": [tcp(9090)]});
    let rendered = with_flow(flow)
        .patch_cluster(&json!({"undeclaredNamespaces": {"mode": "audit"}}))
        .render();
    assert_eq!(
        policy(&rendered, "f.egress")["metadata"]["namespace"],
        json!("monitoring")
    );
    assert_eq!(
        policy(&rendered, "f.ingress")["metadata"]["namespace"],
        json!("my-app")
    );
}

#[test]
fn a_half_comes_out_only_where_its_namespace_is_audited_or_enforced() {
    let pods = json!({"pods": {"namespace": "monitoring"}});
    let flow = json!({"from": pods, "to": workload("api"), "ports": [tcp(9090)]});
    let names = flow_policies(&with_flow(flow).render());
    assert_eq!(names, [("f.ingress".to_owned(), Phase::Allow)]);
}

#[test]
fn an_exempt_namespace_gets_no_policy_of_a_flow() {
    let pods = json!({"pods": {"namespace": "kube-system", "labels": {"app": "x"}}});
    let rendered = with_flow(between("api", pods, json!({})))
        .patch_cluster(&json!({"undeclaredNamespaces": {"mode": "enforce"}}))
        .render();
    assert_eq!(
        flow_policies(&rendered),
        [("f.egress".to_owned(), Phase::Allow)]
    );
}

#[test]
fn all_pods_of_a_namespace_are_selected_by_the_namespace_alone() {
    let pods = json!({"pods": {"namespace": "other"}});
    let spec = egress(between("api", pods, json!({})));
    assert_eq!(
        spec["egress"],
        json!([{"toEndpoints": [{"matchLabels": {"k8s:io.kubernetes.pod.namespace": "other"}}]}])
    );
}

#[test]
fn a_declared_service_account_is_part_of_the_selector() {
    let account = json!({"namespaces": {"my-app": {"workloads": {
        "frontend": {"serviceAccount": "web"},
    }}}});
    let rendered = with_flow(frontend_to_api(json!({})))
        .patch_cluster(&account)
        .render();
    let labels =
        json!({"k8s:app": "my-frontend", "k8s:io.cilium.k8s.policy.serviceaccount": "web"});
    let egress = policy(&rendered, "f.egress");
    assert_eq!(egress["spec"]["endpointSelector"]["matchLabels"], labels);
}

#[test]
fn a_denial_does_not_depend_on_the_service_account() {
    let account = json!({"namespaces": {"my-app": {"workloads": {
        "frontend": {"serviceAccount": "web"},
    }}}});
    let flow = frontend_to_api(json!({"action": "deny"}));
    let rendered = with_flow(flow).patch_cluster(&account).render();
    let egress = policy(&rendered, "f.egress");
    assert_eq!(
        egress["spec"]["endpointSelector"]["matchLabels"],
        json!({"k8s:app": "my-frontend"})
    );
}

#[test]
fn a_literal_path_is_anchored_and_admits_a_query() {
    let rule = http(json!({"method": "GET", "path": "/api/v1.0/items"}));
    assert_eq!(
        rule,
        json!({"method": "GET", "path": r"^/api/v1\.0/items(\?.*)?$"})
    );
}

#[test]
fn a_path_expression_is_taken_as_it_stands() {
    let rule = http(json!({"pathRegex": "/api/v1/(balance|transactions)(/.*)?"}));
    assert_eq!(
        rule,
        json!({"path": "/api/v1/(balance|transactions)(/.*)?"})
    );
}

#[test]
fn a_literal_host_admits_the_port_that_clients_add() {
    let rule = http(json!({"host": "api.example.com"}));
    assert_eq!(rule, json!({"host": r"api\.example\.com(:[0-9]+)?"}));
}

#[test]
fn headers_are_matched_by_their_exact_value() {
    let rule = http(json!({"headers": {"X-Tenant": "blue"}}));
    assert_eq!(
        rule,
        json!({"headerMatches": [{"name": "X-Tenant", "value": "blue"}]})
    );
}

#[test]
fn a_flow_with_http_leaves_no_port_without_it() {
    let flow = frontend_to_api(json!({"ports": [tcp(8080)], "http": [{"path": "/get"}]}));
    for (half, peers) in [("ingress", "ingress"), ("egress", "egress")] {
        let rendered = with_flow(flow.clone()).render();
        let spec = policy(&rendered, &format!("f.{half}"))["spec"].clone();
        let rules = spec[peers].as_array().unwrap();
        assert_eq!(rules.len(), 1, "{half}");
        let ports = rules[0]["toPorts"].as_array().unwrap();
        assert!(
            ports.iter().all(|rule| rule["rules"]["http"].is_array()),
            "{half}"
        );
    }
}

#[test]
fn tls_is_matched_by_its_server_name() {
    let world = json!({"entity": "world"});
    let more = json!({"ports": [tcp(443)], "serverNames": ["api.example.com"]});
    let spec = egress(between("api", world, more));
    assert_eq!(
        spec["egress"],
        json!([{
            "toEntities": ["world"],
            "toPorts": [{
                "ports": [{"port": "443", "protocol": "TCP"}],
                "serverNames": ["api.example.com"],
            }],
        }])
    );
}

#[test]
fn a_dns_name_brings_the_look_up_that_the_agents_learn_it_from() {
    let spec = egress(between(
        "api",
        json!({"fqdn": "api.github.com"}),
        json!({"ports": [tcp(443)]}),
    ));
    let name = json!([{"matchName": "api.github.com"}]);
    assert_eq!(spec["egress"][0]["toFQDNs"], name);
    assert_eq!(
        spec["egress"][1],
        json!({
            "toEndpoints": [{"matchLabels": {
                "k8s:io.kubernetes.pod.namespace": "kube-system",
                "k8s:k8s-app": "kube-dns",
            }}],
            "toPorts": [{
                "ports": [{"port": "53", "protocol": "UDP"}, {"port": "53", "protocol": "TCP"}],
                "rules": {"dns": name},
            }],
        })
    );
}

#[test]
fn a_range_keeps_its_exceptions() {
    let range = json!({"cidr": {"range": "172.16.0.0/12", "except": ["172.16.9.0/24"]}});
    let spec = egress(between("api", range, json!({"ports": [tcp(9090)]})));
    assert_eq!(
        spec["egress"][0]["toCIDRSet"],
        json!([{"cidr": "172.16.0.0/12", "except": ["172.16.9.0/24"]}])
    );
}

#[test]
fn entities_have_ciliums_names() {
    let names = [
        ("gateway", "ingress"),
        ("world", "world"),
        ("cluster", "cluster"),
        ("host", "host"),
        ("remote-node", "remote-node"),
        ("kube-apiserver", "kube-apiserver"),
        ("health", "health"),
    ];
    for (entity, name) in names {
        let spec = ingress(json!({"from": {"entity": entity}, "to": workload("api")}));
        assert_eq!(spec["ingress"], json!([{"fromEntities": [name]}]));
    }
}

#[test]
fn a_range_of_ports_has_both_its_ends() {
    let ports = json!([{"port": 30000, "endPort": 30100, "protocol": "UDP"}]);
    let spec = egress(frontend_to_api(json!({ "ports": ports })));
    assert_eq!(
        spec["egress"][0]["toPorts"],
        json!([{"ports": [{"port": "30000", "endPort": 30100, "protocol": "UDP"}]}])
    );
}

#[test]
fn more_ports_than_a_rule_may_have_are_spread_over_several() {
    let ports: Vec<Value> = (1..=41).map(|port| tcp(8000 + port)).collect();
    let spec = egress(frontend_to_api(json!({ "ports": ports })));
    let rules = spec["egress"][0]["toPorts"].as_array().unwrap();
    let sizes: Vec<usize> = rules
        .iter()
        .map(|r| r["ports"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [40, 1]);
}

#[test]
fn a_denied_flow_denies_at_both_ends_and_nothing_by_default() {
    let rendered = with_flow(frontend_to_api(
        json!({"ports": [tcp(8080)], "action": "deny"}),
    ))
    .render();
    let spec = policy(&rendered, "f.egress")["spec"].clone();
    assert_eq!(
        spec["egressDeny"][0]["toPorts"][0]["ports"][0]["port"],
        json!("8080")
    );
    assert_eq!(
        spec["enableDefaultDeny"],
        json!({"ingress": false, "egress": false})
    );
    assert!(policy(&rendered, "f.ingress")["spec"]["ingressDeny"].is_array());
    let phases: Vec<Phase> = flow_policies(&rendered)
        .into_iter()
        .map(|(_, p)| p)
        .collect();
    assert_eq!(phases, [Phase::Enforce, Phase::Enforce]);
}

#[test]
fn a_denied_flow_denies_nothing_in_an_audited_namespace() {
    let rendered = with_flow(frontend_to_api(json!({"action": "deny"})))
        .patch_cluster(&json!({"namespaces": {"my-app": {"mode": "audit"}}}))
        .render();
    assert!(flow_policies(&rendered).is_empty());
}

#[test]
fn a_plugins_flow_becomes_policy_like_the_stacks_own() {
    let flow =
        json!({"from": {"entity": "gateway"}, "to": workload("frontend"), "ports": [tcp(8080)]});
    let rendered = stating(homelab(), "gateway-tls", &flow_fact("my-app", flow)).render();
    let policy = policy(&rendered, "gateway-tls.my-app.ingress");
    assert_eq!(
        policy["spec"]["ingress"][0]["fromEntities"],
        json!(["ingress"])
    );
    assert_eq!(
        policy["spec"]["description"],
        json!("flow `my-app` of plugin `gateway-tls`: the half where it ends")
    );
}

#[test]
fn a_plugins_flow_never_takes_the_name_of_the_stacks() {
    let flow = frontend_to_api(json!({"ports": [tcp(9999)]}));
    let rendered = stating(homelab(), "metrics", &flow_fact("frontend-to-api", flow)).render();
    let names: Vec<String> = flow_policies(&rendered)
        .into_iter()
        .map(|(n, _)| n)
        .collect();
    assert_eq!(
        names,
        [
            "frontend-to-api.egress",
            "frontend-to-api.ingress",
            "metrics.frontend-to-api.egress",
            "metrics.frontend-to-api.ingress",
        ]
    );
}
