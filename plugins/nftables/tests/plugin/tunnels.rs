//! Where tunnels lead.

use serde_json::{Value, json};
use ztgit_plugin::fact::PodRoute;
use ztgit_plugin::testing::{Rendered, homelab};
use ztgit_plugin::{Fact, FactScope, Facts, Plugin, StatedFact};
use ztgit_plugin_nftables::Nftables;

use crate::{RULESET, assert_fact_error, sound, tcp, vpn, with};

#[test]
fn a_tunnel_leads_to_no_pod() {
    let rendered = with(&tcp(22, vpn()));
    let ruleset = rendered.file("pi-1", RULESET);
    assert!(ruleset.contains("oifname { \"lxc*\", \"cilium_*\" } iifname != \"wg0\" accept\n"));
    assert!(ruleset.contains("iifname { \"lxc*\", \"cilium_*\" } oifname != \"wg0\" accept\n"));
}

fn render_pod_route(interface: &str) -> Rendered {
    let route = PodRoute {
        interface: interface.to_owned(),
        range: "10.100.0.0/24".parse().expect("a range"),
        purpose: "pods".to_owned(),
    };
    sound()
        .fact("wireguard", FactScope::Cluster, &route)
        .render()
}

fn render_site_route(value: Value) -> Rendered {
    let cluster = serde_json::from_value(homelab()).expect("a cluster");
    let config = serde_json::from_value(json!({})).expect("a config");
    let kind = "ztgit.dev/site-route".to_owned();
    let fact = Fact {
        kind,
        scope: FactScope::Cluster,
        value,
    };
    let facts = Facts::new(vec![StatedFact {
        provider: "wireguard".to_owned(),
        fact,
    }]);
    Rendered(Nftables::render(&cluster, &config, &facts))
}

#[test]
fn a_tunnel_leads_to_pods_where_a_fact_says_so() {
    let rendered = render_pod_route("wg0");
    assert!(rendered.file("pi-1", RULESET).contains(
        "\t\tiifname \"wg0\" ip saddr 10.100.0.0/24 oifname { \"lxc*\", \"cilium_*\" } \
         accept comment \"wireguard: pods\"\n"
    ));
}

fn site_route(interface: &str, opener: &str) -> Value {
    json!({
        "interface": interface, "opener": opener, "purpose": "sites",
        "remote": ["192.168.7.0/24", "fd00:7::/64"],
        "local": ["192.168.1.0/24", "192.168.2.0/24"],
    })
}

#[test]
fn networks_reach_one_another_through_a_tunnel_as_the_fact_says() {
    let remote = render_site_route(site_route("mesh0", "remote"));
    let ruleset = remote.file("pi-1", RULESET);
    assert!(ruleset.contains(
        "\t\tiifname \"mesh0\" ip saddr 192.168.7.0/24 ip daddr { 192.168.1.0/24, 192.168.2.0/24 } \
         accept comment \"wireguard: sites\"\n"
    ));
    assert!(!ruleset.contains("oifname \"mesh0\" ip") && !ruleset.contains("fd00:7"));
    let local = render_site_route(site_route("mesh0", "local"));
    assert!(local.file("pi-1", RULESET).contains(
        "\t\toifname \"mesh0\" ip daddr 192.168.7.0/24 ip saddr { 192.168.1.0/24, 192.168.2.0/24 } \
         accept comment \"wireguard: sites\"\n"
    ));
}

#[test]
fn a_route_that_cannot_be_read_is_refused() {
    let half = json!({"interface": "wg0"});
    assert_fact_error(&render_site_route(half), "site-route");
    assert_fact_error(&render_pod_route("wg*"), "interface");
    assert_fact_error(&render_site_route(site_route("wg\n", "local")), "interface");
}
