//! Several Gateways.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ztgit_plugin::Phase;
use ztgit_plugin::cluster::{Labels, Peer};
use ztgit_plugin::fact::{FlowFact, HostPort, NamespaceFact, StandardFact};

use crate::{assert_only_error, harness, names_of, render};

const WIKI: &str = "wiki.homelab-one.net";

/// A second Gateway with a host.
fn two(gateway: &Value) -> Value {
    json!({
        "gateways": {"internal": gateway},
        "exposure": {"l2": {"addresses": ["192.168.1.240/28"]}},
        "hosts": {WIKI: {
            "service": "my-app/api-svc", "port": 80, "workload": "my-app/api", "gateway": "internal",
        }},
    })
}

fn in_namespace() -> Value {
    two(&json!({"namespace": "internal"}))
}

fn stated<F: StandardFact>(patch: &Value) -> Vec<F> {
    let facts = harness(patch).facts().facts.into_iter();
    let facts = facts.filter(|fact| fact.kind == F::KIND);
    facts
        .map(|fact| serde_json::from_value(fact.value).unwrap())
        .collect()
}

#[test]
fn a_host_is_served_by_the_gateway_that_it_names() {
    let rendered = render(&in_namespace());
    assert_eq!(rendered.errors(), [""; 0]);
    let hosts = |name: &str| {
        let gateway = rendered.object("Gateway", name);
        let listeners = gateway["spec"]["listeners"].as_array().unwrap().clone();
        listeners
            .iter()
            .filter_map(|each| each["hostname"].as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(hosts("homelab-gateway"), ["myapp.homelab-one.net"]);
    assert_eq!(hosts("internal"), [WIKI]);
    let route = rendered.object("HTTPRoute", &format!("https-{WIKI}"));
    assert_eq!(route["spec"]["parentRefs"][0]["name"], "internal");
    assert_eq!(rendered.phase("Gateway", "internal"), Phase::Ingress);
}

#[test]
fn a_namespace_may_attach_routes_to_the_gateways_of_its_hosts_alone() {
    let facts = stated::<NamespaceFact>(&in_namespace());
    let labels: BTreeMap<String, Labels> = facts
        .into_iter()
        .map(|fact| (fact.name, fact.labels))
        .collect();
    let keys = |namespace: &str| labels[namespace].keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys("ingress"), ["gateway-access"]);
    assert_eq!(keys("internal"), ["gateway-access/internal"]);
    assert_eq!(
        keys("my-app"),
        ["gateway-access", "gateway-access/internal"]
    );
    assert_eq!(keys("cert-manager"), [""; 0]);
    let gateway = render(&in_namespace()).object("Gateway", "internal");
    assert_eq!(
        gateway["spec"]["listeners"][0]["allowedRoutes"]["namespaces"]["selector"],
        json!({"matchLabels": {"gateway-access/internal": "true"}})
    );
}

/// A challenge has to come through the Gateway that has the host.
#[test]
fn a_challenge_is_answered_through_the_hosts_own_gateway() {
    let issuer = render(&in_namespace()).object("ClusterIssuer", "letsencrypt-prod");
    let solvers = issuer["spec"]["acme"]["solvers"].as_array().unwrap();
    assert_eq!(solvers.len(), 2);
    assert_eq!(solvers[0].get("selector"), None);
    assert_eq!(solvers[1]["selector"], json!({"dnsNames": [WIKI]}));
    let parent = &solvers[1]["http01"]["gatewayHTTPRoute"]["parentRefs"][0];
    assert_eq!(
        (&parent["name"], &parent["namespace"]),
        (&json!("internal"), &json!("internal"))
    );
    let solver_pods = stated::<FlowFact>(&in_namespace())
        .into_iter()
        .filter(|fact| fact.name.starts_with("gateway-to-acme-solver"))
        .filter_map(|fact| match fact.flow.to {
            Peer::Pods { namespace, .. } => Some(namespace),
            _ => None,
        });
    assert_eq!(solver_pods.collect::<Vec<_>>(), ["ingress", "internal"]);
}

#[test]
fn a_gateway_has_an_issuer_of_its_own() {
    let mut patch = two(&json!({"issuer": "lab"}));
    patch["issuers"] = json!({"lab": "selfSigned"});
    let rendered = render(&patch);
    let issuer = |name: &str| {
        let gateway = rendered.object("Gateway", name);
        gateway["metadata"]["annotations"]["cert-manager.io/cluster-issuer"].clone()
    };
    assert_eq!(issuer("homelab-gateway"), "letsencrypt-staging");
    assert_eq!(issuer("internal"), "lab");
    assert_eq!(names_of(&rendered, "Certificate"), [""; 0]);
}

#[test]
fn on_the_host_network_two_gateways_cannot_share_a_port() {
    let mut patch = in_namespace();
    patch["exposure"] = json!("hostNetwork");
    let rendered = render(&patch);
    assert_eq!(rendered.errors(), ["port-clash", "port-clash"]);
}

#[test]
fn on_the_host_network_each_gateways_ports_are_opened() {
    let mut patch = two(&json!({"issuer": "lab", "ports": {"http": 8080, "https": 8443}}));
    patch["exposure"] = json!("hostNetwork");
    patch["issuers"] = json!({"lab": "selfSigned"});
    assert_eq!(render(&patch).errors(), [""; 0]);
    let ports: Vec<_> = stated::<HostPort>(&patch)
        .iter()
        .map(|each| each.port)
        .collect();
    assert_eq!(ports, [80, 443, 8080, 8443]);
    let redirect = render(&patch).object("HTTPRoute", &format!("redirect-{WIKI}"));
    let target = &redirect["spec"]["rules"][0]["filters"][0]["requestRedirect"];
    assert_eq!(target["port"], 8443);
}

#[test]
fn http_from_outside_asks_for_challenges_on_port_80_alone() {
    let mut patch = two(&json!({"ports": {"http": 8080, "https": 8443}}));
    patch["exposure"] = json!("hostNetwork");
    let at = format!("config:/hosts/{WIKI}");
    assert_only_error(&render(&patch), "http01-port", &at);
}

#[test]
fn a_gateway_that_is_not_there_is_refused() {
    let patch = json!({"hosts": {"myapp.homelab-one.net": {"gateway": "internl"}}});
    let at = "config:/hosts/myapp.homelab-one.net/gateway";
    assert_only_error(&render(&patch), "unknown-gateway", at);
}

#[test]
fn two_gateways_of_one_name_are_refused() {
    let patch = two(&json!({"name": "homelab-gateway"}));
    assert_only_error(
        &render(&patch),
        "duplicate-gateway",
        "config:/gateways/internal",
    );
}

#[test]
fn tls_options_are_for_classes_that_read_them() {
    let options = json!({"example.com/lowest-tls": "1.3"});
    let cilium = render(&json!({"gateway": {"tlsOptions": options}}));
    assert_eq!(cilium.warnings(), ["tls-options-ignored"]);
    let other = render(&json!({"gateway": {"class": "eg", "tlsOptions": options}}));
    assert_eq!(other.warnings(), ["foreign-gateway-class"]);
    let gateway = other.object("Gateway", "homelab-gateway");
    assert_eq!(gateway["spec"]["listeners"][1]["tls"]["options"], options);
}

#[test]
fn one_port_for_both_is_refused() {
    let patch = json!({"gateway": {"ports": {"http": 443}}, "hosts": null});
    assert_only_error(&render(&patch), "one-port", "config:/gateway/ports");
}
