//! Names: which may be looked up, by whom.

use serde_json::{Value, json};

use crate::stack::{
    between, finding, frontend_to_api, homelab, policy, release_values, tcp, with_flow,
};

fn to_github(harness_patch: Value, config: Value) -> Value {
    let flow = between(
        "api",
        json!({"fqdn": "api.github.com"}),
        json!({"ports": [tcp(443)]}),
    );
    let rendered = with_flow(flow)
        .patch_cluster(&harness_patch)
        .config(config)
        .render();
    policy(&rendered, "f.egress")["spec"]["egress"][1]["toPorts"][0]["rules"]["dns"].clone()
}

fn musl() -> Value {
    json!({"namespaces": {"my-app": {"workloads": {"api": {"resolver": "musl"}}}}})
}

#[test]
fn no_look_up_is_allowed_without_a_list_of_names() {
    let name = between(
        "api",
        json!({"fqdn": "api.github.com"}),
        json!({"ports": [tcp(443)]}),
    );
    let rendered = with_flow(name)
        .config(json!({"hubble": {"ui": true}}))
        .render();
    let mut seen = 0;
    for manifest in rendered.manifests() {
        let rules = manifest.object.at("/spec/egress").and_then(Value::as_array);
        let ports = rules
            .into_iter()
            .flatten()
            .filter(|rule| rule["toEndpoints"].is_array());
        for port in ports.flat_map(|rule| rule["toPorts"].as_array().into_iter().flatten()) {
            if port["ports"][0]["port"] == json!("53") {
                assert!(
                    port["rules"]["dns"].is_array(),
                    "{}",
                    manifest.object.name()
                );
                seen += 1;
            }
        }
    }
    assert!(seen >= 5, "{seen}");
}

#[test]
fn a_rule_has_one_kind_of_peer_and_names_stand_alone() {
    let rendered = homelab().config(json!({"hubble": {"ui": true}})).render();
    for manifest in rendered.manifests() {
        for section in ["ingress", "egress"] {
            let rules = manifest.object.at(&format!("/spec/{section}"));
            for rule in rules.and_then(Value::as_array).into_iter().flatten() {
                let kinds = rule.as_object().unwrap().keys();
                let peers = kinds.filter(|key| {
                    (key.starts_with("to") || key.starts_with("from")) && *key != "toPorts"
                });
                assert!(peers.count() <= 1, "{}", manifest.object.name());
            }
        }
    }
}

#[test]
fn search_domains_of_the_nodes_are_added_for_musl_alone() {
    let domains = json!({"searchDomains": ["lan"]});
    assert_eq!(
        to_github(musl(), domains.clone()),
        json!([{"matchName": "api.github.com"}, {"matchName": "api.github.com.lan"}])
    );
    assert_eq!(
        to_github(json!({}), domains),
        json!([{"matchName": "api.github.com"}])
    );
}

#[test]
fn what_a_resolver_appends_first_is_a_name_of_the_cluster_and_allowed_to_all() {
    let names = policy(&homelab().render(), "zt-allow-dns");
    assert_eq!(
        names["spec"]["egress"][0]["toPorts"][0]["rules"]["dns"],
        json!([{"matchPattern": "**.cluster.local"}])
    );
}

#[test]
fn with_musl_about_a_refused_look_up_is_answered_as_a_name_that_does_not_exist() {
    let flow = between(
        "api",
        json!({"fqdn": "api.github.com"}),
        json!({"ports": [tcp(443)]}),
    );
    let rendered = with_flow(flow.clone()).patch_cluster(&musl()).render();
    assert_eq!(
        release_values(&rendered)["dnsProxy"]["dnsRejectResponseCode"],
        json!("nameError")
    );
    let refused = with_flow(flow)
        .patch_cluster(&musl())
        .config(json!({"values": {"dnsProxy": {"dnsRejectResponseCode": "refused"}}}))
        .render();
    assert_eq!(refused.warnings(), ["musl-refused"]);
}

#[test]
fn a_plain_way_to_the_dns_server_is_told() {
    let ways = [
        json!({"pods": {"namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}}}),
        json!({"pods": {"namespace": "kube-system"}}),
        json!({"entity": "cluster"}),
    ];
    for way in ways {
        let rendered = with_flow(between("api", way.clone(), json!({}))).render();
        assert_eq!(rendered.warnings(), ["dns-open"], "{way}");
    }
    let udp = json!({"ports": [{"port": 53, "protocol": "UDP"}]});
    let server = json!({"pods": {"namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}}});
    assert_eq!(
        finding(&with_flow(between("api", server, udp)).render()).code,
        "dns-open"
    );
}

#[test]
fn other_ways_into_the_system_namespace_are_fine() {
    let metrics = json!({"pods": {"namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}}});
    let rendered = with_flow(between("api", metrics, json!({"ports": [tcp(9153)]}))).render();
    assert!(rendered.warnings().is_empty(), "{:?}", rendered.warnings());
    let plain = with_flow(frontend_to_api(json!({}))).render();
    assert!(plain.warnings().is_empty(), "{:?}", plain.warnings());
}

#[test]
fn without_the_proxy_names_and_requests_are_refused() {
    let flow = between(
        "api",
        json!({"fqdn": "api.github.com"}),
        json!({"ports": [tcp(443)]}),
    );
    let rendered = with_flow(flow)
        .config(json!({"values": {"l7Proxy": false}}))
        .render();
    assert!(rendered.errors().contains(&"switched-off"));
}
