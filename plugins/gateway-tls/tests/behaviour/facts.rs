//! What the other plugins are told.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ztgit_plugin::FactScope;
use ztgit_plugin::cluster::{Entity, Flow, FlowPort, Peer};
use ztgit_plugin::fact::{
    CiliumValues, Fact, FlowFact, HostPort, HostPortSource, NamespaceFact, StandardFact,
};

use crate::harness;

fn stated<F: StandardFact>(patch: &Value) -> Vec<F> {
    let statement = harness(patch).facts();
    assert!(statement.diagnostics.is_empty(), "findings are `render`'s");
    let facts = statement
        .facts
        .into_iter()
        .filter(|fact| fact.kind == F::KIND);
    facts
        .map(|fact| serde_json::from_value(fact.value).unwrap())
        .collect()
}

fn flows(patch: &Value) -> BTreeMap<String, Flow> {
    let facts = stated::<FlowFact>(patch);
    let count = facts.len();
    let flows: BTreeMap<_, _> = facts
        .into_iter()
        .map(|fact| (fact.name, fact.flow))
        .collect();
    assert_eq!(flows.len(), count, "names are unique");
    flows
}

fn values(patch: &Value) -> Value {
    let mut facts = stated::<CiliumValues>(patch);
    assert_eq!(facts.len(), 1);
    serde_json::to_value(facts.remove(0).values).unwrap()
}

fn namespaces(patch: &Value) -> BTreeMap<String, bool> {
    let access = |fact: &NamespaceFact| {
        fact.labels
            .get("gateway-access")
            .is_some_and(|v| v == "true")
    };
    stated::<NamespaceFact>(patch)
        .into_iter()
        .map(|f| (f.name.clone(), access(&f)))
        .collect()
}

#[test]
fn on_the_host_network_the_world_reaches_80_and_443_of_every_node() {
    let facts: Vec<Fact> = harness(&json!({})).facts().facts;
    let ports: Vec<_> = facts
        .iter()
        .filter(|fact| fact.kind == HostPort::KIND)
        .collect();
    assert_eq!(ports.len(), 2);
    for (fact, number) in ports.into_iter().zip([80, 443]) {
        assert_eq!(fact.scope, FactScope::Nodes(vec!["pi-1".to_owned()]));
        let port: HostPort = serde_json::from_value(fact.value.clone()).unwrap();
        assert_eq!((port.port, port.from), (number, HostPortSource::World));
    }
}

#[test]
fn a_load_balancer_opens_no_port_of_a_node() {
    for exposure in [
        json!({"l2": {"addresses": ["192.168.1.240/28"]}}),
        json!("nodeIPAM"),
    ] {
        assert!(stated::<HostPort>(&json!({"exposure": exposure})).is_empty());
    }
}

#[test]
fn cilium_makes_the_gateway_class_without_looking_for_it() {
    for exposure in [json!("hostNetwork"), json!("nodeIPAM")] {
        let values = values(&json!({"exposure": exposure}));
        assert_eq!(values["gatewayAPI"]["enabled"], true);
        assert_eq!(
            values["gatewayAPI"]["gatewayClass"],
            json!({"create": "true"})
        );
    }
}

#[test]
fn on_the_host_network_envoy_may_bind_privileged_ports() {
    let values = values(&json!({}));
    assert_eq!(
        values["gatewayAPI"]["hostNetwork"],
        json!({"enabled": true})
    );
    assert_eq!(
        values["envoy"]["securityContext"]["capabilities"],
        json!({
            "keepCapNetBindService": true,
            "envoy": ["NET_ADMIN", "SYS_ADMIN", "NET_BIND_SERVICE"],
        })
    );
}

#[test]
fn a_load_balancer_leaves_envoy_its_default_privileges() {
    let l2 = values(&json!({"exposure": {"l2": {"addresses": ["192.168.1.240/28"]}}}));
    assert_eq!(l2["l2announcements"], json!({"enabled": true}));
    let node_ipam = values(&json!({"exposure": "nodeIPAM"}));
    assert_eq!(node_ipam["nodeIPAM"], json!({"enabled": true}));
    assert_eq!(node_ipam["defaultLBServiceIPAM"], "nodeipam");
    for values in [l2, node_ipam] {
        assert_eq!(values.get("envoy"), None);
        assert_eq!(values["gatewayAPI"].get("hostNetwork"), None);
    }
}

#[test]
fn the_gateway_reaches_a_workload_on_its_target_port_not_the_services() {
    let flow = &flows(&json!({}))["gateway-to-my-app--frontend"];
    assert_eq!(flow.from, Peer::Entity(Entity::Gateway));
    let to = Peer::Workload {
        namespace: "my-app".to_owned(),
        name: "frontend".to_owned(),
    };
    assert_eq!(flow.to, to);
    assert_eq!(flow.ports, [FlowPort::tcp(8080)]);
}

#[test]
fn hosts_with_one_workload_share_a_flow() {
    let flows = flows(&json!({"hosts": {"www.homelab-one.net": {
        "service": "my-app/my-app-svc", "port": 80, "workload": "my-app/frontend",
    }}}));
    assert_eq!(
        flows
            .keys()
            .filter(|name| name.starts_with("gateway-to-my-app"))
            .count(),
        1
    );
}

#[test]
fn the_gateway_reaches_the_pods_that_answer_challenges() {
    let flow = &flows(&json!({"gateway": {"namespace": "edge"}}))["gateway-to-acme-solver"];
    assert_eq!(flow.from, Peer::Entity(Entity::Gateway));
    let Peer::Pods { namespace, labels } = &flow.to else {
        panic!("{:?}", flow.to)
    };
    assert_eq!(namespace, "edge");
    assert_eq!(labels["acme.cert-manager.io/http01-solver"], "true");
    assert_eq!(flow.ports, [FlowPort::tcp(8089)]);
}

#[test]
fn cert_manager_reaches_acme_and_each_host_by_name_and_nothing_else_outside() {
    let outside: Vec<_> = flows(&json!({}))
        .into_values()
        .filter_map(|flow| match flow.to {
            Peer::Fqdn(name) => Some((name, flow.ports[0].port)),
            Peer::Cidr { .. } | Peer::Entity(Entity::World) => panic!("{flow:?}"),
            _ => None,
        })
        .collect();
    let expected = [
        ("acme-v02.api.letsencrypt.org", 443),
        ("acme-staging-v02.api.letsencrypt.org", 443),
        ("myapp.homelab-one.net", 80),
    ];
    assert_eq!(
        outside,
        expected.map(|(name, port)| (name.to_owned(), port))
    );
}

#[test]
fn cert_manager_finds_a_host_that_leads_back_to_a_node() {
    let flows = flows(&json!({}));
    assert_eq!(
        flows["cert-manager-to-own-node"].to,
        Peer::Entity(Entity::Host)
    );
    assert_eq!(
        flows["cert-manager-to-other-nodes"].to,
        Peer::Entity(Entity::RemoteNode)
    );
    assert_eq!(flows["cert-manager-to-own-node"].ports, [FlowPort::tcp(80)]);
}

#[test]
fn the_api_server_is_reached_by_cert_manager_and_reaches_its_webhook() {
    let flows = flows(&json!({}));
    let to_api = &flows["cert-manager-to-api-server"];
    assert_eq!(to_api.to, Peer::Entity(Entity::KubeApiserver));
    assert!(matches!(&to_api.from, Peer::Pods { namespace, .. } if namespace == "cert-manager"));
    let webhook = &flows["api-server-to-cert-manager-webhook"];
    assert_eq!(webhook.from, Peer::Entity(Entity::KubeApiserver));
    assert_eq!(webhook.ports, [FlowPort::tcp(10250)]);
    let Peer::Pods { labels, .. } = &webhook.to else {
        panic!("{:?}", webhook.to)
    };
    assert_eq!(labels["app.kubernetes.io/component"], "webhook");
}

#[test]
fn the_namespaces_of_gateway_and_hosts_may_attach_routes_and_cert_managers_may_not() {
    let expected = [("cert-manager", false), ("ingress", true), ("my-app", true)];
    let expected = expected.map(|(name, access)| (name.to_owned(), access));
    assert_eq!(namespaces(&json!({})), BTreeMap::from(expected));
}

#[test]
fn a_host_that_does_not_resolve_states_nothing() {
    let patch = json!({"hosts": {"myapp.homelab-one.net": {"service": "nowhere/my-app-svc"}}});
    assert!(!namespaces(&patch).contains_key("nowhere"));
    assert!(
        !flows(&patch)
            .keys()
            .any(|name| name.contains("homelab-one"))
    );
}

#[test]
fn nothing_is_opened_for_a_gateway_of_an_unknown_controller() {
    let patch = json!({"gateway": {"class": "envoy"}});
    assert!(stated::<HostPort>(&patch).is_empty());
    assert!(stated::<CiliumValues>(&patch).is_empty());
    assert!(
        !flows(&patch)
            .keys()
            .any(|name| name.starts_with("gateway-to-"))
    );
}
