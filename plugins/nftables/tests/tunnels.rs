//! What the wireguard plugin states, as this one reads it.

use serde_json::{Value, json};
use ztgit_plugin::testing::{Harness, Rendered, homelab, merge_patch};
use ztgit_plugin::{Facts, Plugin, StatedFact};
use ztgit_plugin_nftables::Nftables;
use ztgit_plugin_wireguard::Wireguard;
use ztgit_test_support::Sandbox;

/// The firewalls of two sites with a mesh between them and a hub at home.
fn sites(backend: &str) -> Rendered {
    let mut cluster = homelab();
    merge_patch(
        &mut cluster,
        &json!({"nodes": {
            "pi-1": null,
            "home": {"role": "server", "addresses": ["203.0.113.1"]},
            "office": {"role": "agent", "addresses": ["203.0.113.2"]},
        }}),
    );
    let member = |host: u8, networks: Value| json!({"address": format!("10.101.0.{host}"), "networks": networks});
    let config = json!({
        "podAccess": true,
        "endpoint": "vpn.example.net",
        "routes": ["192.168.1.0/24"],
        "meshes": {"mesh0": {
            "cidr": "10.101.0.0/24",
            "port": 51821,
            "nodes": {
                "home": member(1, json!(["192.168.1.0/24"])),
                "office": member(2, json!(["192.168.7.0/24", "fd00:7::/64"])),
            },
        }},
    });
    let statement = Harness::<Wireguard>::homelab()
        .cluster(cluster.clone())
        .config(config)
        .facts();
    let provider = "wireguard".to_owned();
    let stated = statement.facts.into_iter().map(|fact| StatedFact {
        provider: provider.clone(),
        fact,
    });
    let cluster = serde_json::from_value(cluster).expect("a cluster");
    let config = serde_json::from_value(json!({"backend": backend})).expect("a config");
    let rendering = Nftables::render(&cluster, &config, &Facts::new(stated.collect()));
    let rendered = Rendered(rendering);
    assert_eq!(rendered.errors(), [""; 0]);
    rendered
}

fn rules_about<'a>(rendered: &'a Rendered, node: &str, word: &str) -> Vec<&'a str> {
    let ruleset = rendered.file(node, "/etc/ztgit/nftables.nft").lines();
    let comment = format!("comment \"wireguard: {word}");
    let rules = ruleset.filter(|line| line.contains(&comment));
    rules
        .map(|line| line.trim().split(" accept").next().expect("a rule"))
        .collect()
}

#[test]
fn networks_of_a_mesh_pass_in_both_directions_on_both_nodes() {
    let rendered = sites("nftables");
    assert_eq!(
        rules_about(&rendered, "office", "networks over the mesh"),
        [
            "iifname \"mesh0\" ip saddr { 10.101.0.0/24, 192.168.1.0/24 } ip daddr 192.168.7.0/24",
            "oifname \"mesh0\" ip daddr { 10.101.0.0/24, 192.168.1.0/24 } ip saddr 192.168.7.0/24",
        ]
    );
    assert_eq!(
        rules_about(&rendered, "home", "networks over the mesh"),
        [
            "iifname \"mesh0\" ip saddr { 10.101.0.0/24, 192.168.7.0/24 } ip daddr 192.168.1.0/24",
            "oifname \"mesh0\" ip daddr { 10.101.0.0/24, 192.168.7.0/24 } ip saddr 192.168.1.0/24",
        ]
    );
}

#[test]
fn devices_pass_to_the_hubs_networks_and_pods_and_nothing_comes_back_unasked() {
    let rendered = sites("nftables");
    assert_eq!(
        rules_about(&rendered, "home", "networks over the VPN"),
        ["iifname \"wg0\" ip saddr 10.100.0.0/24 ip daddr 192.168.1.0/24"]
    );
    assert_eq!(
        rules_about(&rendered, "home", "pods over the VPN"),
        ["iifname \"wg0\" ip saddr 10.100.0.0/24 oifname { \"lxc*\", \"cilium_*\" }"]
    );
    assert_eq!(
        rules_about(&rendered, "office", "networks over the VPN"),
        [""; 0]
    );
}

#[test]
fn both_tools_load_it() {
    let Some(sandbox) = Sandbox::new("tunnels", &["nft", "iptables-restore", "mount"]) else {
        return;
    };
    let nft = sites("nftables");
    let iptables = sites("iptables");
    for node in ["home", "office"] {
        sandbox.write("ruleset.nft", nft.file(node, "/etc/ztgit/nftables.nft"));
        for family in ["iptables", "ip6tables"] {
            let path = format!("/etc/ztgit/{family}.rules");
            sandbox.write(&format!("{family}.rules"), iptables.file(node, &path));
        }
        sandbox.run(
            "mount -t tmpfs none /run
            nft -f ruleset.nft
            nft -f ruleset.nft
            iptables-restore --noflush <iptables.rules
            ip6tables-restore --noflush <ip6tables.rules",
        );
    }
}
