//! How the Gateways are reached from outside.

use serde_json::{Value, json};
use ztgit_plugin::fact::{CiliumValues, StandardFact};
use ztgit_plugin::{Artifact, Phase};

use crate::{assert_only_error, harness, names_of, render};

fn bgp() -> Value {
    json!({"exposure": {"bgp": {
        "addresses": ["203.0.113.0/28"],
        "localASN": 64512,
        "peers": {
            "one": {"address": "192.168.1.1", "asn": 64513},
            "two": {"address": "192.168.1.2", "asn": 64513, "passwordSecret": "bgp", "multihop": 3},
        },
    }}})
}

fn values(patch: &Value) -> Value {
    let facts = harness(patch).facts().facts.into_iter();
    let mut facts = facts.filter(|fact| fact.kind == CiliumValues::KIND);
    facts.next().unwrap().value["values"].clone()
}

#[test]
fn routers_are_told_the_gateways_addresses_by_bgp() {
    let rendered = render(&bgp());
    assert_eq!(rendered.errors(), [""; 0]);
    let name = "ingress.homelab-gateway";
    let pool = rendered.object("CiliumLoadBalancerIPPool", name);
    let advertisement = rendered.object("CiliumBGPAdvertisement", name);
    let advertised = &advertisement["spec"]["advertisements"][0];
    assert_eq!(
        advertised["service"],
        json!({"addresses": ["LoadBalancerIP"]})
    );
    assert_eq!(advertised["selector"], pool["spec"]["serviceSelector"]);
    let cluster = rendered.object("CiliumBGPClusterConfig", name);
    let instance = &cluster["spec"]["bgpInstances"][0];
    assert_eq!(instance["localASN"], 64512);
    assert_eq!(
        instance["peers"][1],
        json!({
            "name": "two",
            "peerAddress": "192.168.1.2",
            "peerASN": 64513,
            "peerConfigRef": {"name": "ingress.homelab-gateway.two"},
        })
    );
    assert_eq!(values(&bgp())["bgpControlPlane"], json!({"enabled": true}));
}

#[test]
fn a_routers_settings_find_what_is_advertised_to_it() {
    let rendered = render(&bgp());
    let labels = rendered.object("CiliumBGPAdvertisement", "ingress.homelab-gateway");
    let labels = &labels["metadata"]["labels"];
    for peer in ["one", "two"] {
        let name = format!("ingress.homelab-gateway.{peer}");
        let settings = rendered.object("CiliumBGPPeerConfig", &name);
        for family in settings["spec"]["families"].as_array().unwrap() {
            assert_eq!(&family["advertisements"]["matchLabels"], labels);
        }
    }
    let two = rendered.object("CiliumBGPPeerConfig", "ingress.homelab-gateway.two");
    assert_eq!(two["spec"]["authSecretRef"], "bgp");
    assert_eq!(two["spec"]["ebgpMultihop"], 3);
}

#[test]
fn ciliums_own_definitions_are_waited_for_before_its_objects() {
    let rendered = render(&bgp());
    let awaited: Vec<_> = rendered
        .0
        .artifacts
        .iter()
        .filter_map(|artifact| match artifact {
            Artifact::Awaited(awaited) => Some((awaited.phase, awaited.name.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(
        awaited,
        [
            (Phase::Platform, "ciliumbgpadvertisements.cilium.io"),
            (Phase::Platform, "ciliumbgppeerconfigs.cilium.io"),
            (Phase::Platform, "ciliumbgpclusterconfigs.cilium.io"),
            (Phase::Platform, "ciliumloadbalancerippools.cilium.io"),
        ]
    );
}

#[test]
fn several_gateways_have_one_pool() {
    let mut patch = bgp();
    patch["gateways"] = json!({"internal": {"namespace": "internal"}});
    let rendered = render(&patch);
    assert_eq!(rendered.errors(), [""; 0]);
    assert_eq!(names_of(&rendered, "CiliumLoadBalancerIPPool").len(), 1);
    let pool = rendered.object("CiliumLoadBalancerIPPool", "ingress.homelab-gateway");
    assert_eq!(
        pool["spec"]["serviceSelector"]["matchExpressions"][1]["values"],
        json!(["homelab-gateway", "internal"])
    );
}

#[test]
fn a_gateway_gets_the_address_that_it_asks_for() {
    let mut patch = bgp();
    patch["gateway"] = json!({"addresses": ["203.0.113.5"]});
    let rendered = render(&patch);
    assert_eq!(rendered.errors(), [""; 0]);
    let gateway = rendered.object("Gateway", "homelab-gateway");
    assert_eq!(
        gateway["spec"]["addresses"],
        json!([{"type": "IPAddress", "value": "203.0.113.5"}])
    );
}

#[test]
fn an_address_that_is_not_exposed_is_refused() {
    let mut patch = bgp();
    patch["gateway"] = json!({"addresses": ["203.0.113.99"]});
    let at = "config:/gateway/addresses/0";
    assert_only_error(&render(&patch), "address-not-exposed", at);
    let on_nodes = json!({"gateway": {"addresses": ["203.0.113.5"]}});
    assert_only_error(&render(&on_nodes), "address-not-exposed", at);
}

#[test]
fn ports_that_anybody_may_bind_need_no_capability() {
    let ports = json!({"gateway": {"ports": {"http": 8080, "https": 8443}}});
    assert_eq!(values(&ports).get("envoy"), None);
    let one = json!({"gateway": {"ports": {"http": 80, "https": 8443}}});
    assert!(values(&one).get("envoy").is_some());
}

#[test]
fn another_controllers_gateways_are_not_exposed_by_cilium() {
    let mut patch = bgp();
    patch["gateway"] = json!({"class": "eg"});
    let rendered = render(&patch);
    assert_only_error(&rendered, "exposure-elsewhere", "config:/exposure/bgp");
}
