//! Several hubs, and what a hub can have besides devices with one address.

use serde_json::{Value, json};
use ztgit_plugin::Place;
use ztgit_plugin::testing::{Harness, Rendered, merge_patch};
use ztgit_plugin_wireguard::Wireguard;

const LAPTOP: &str = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
const BRANCH: &str = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=";
const OLD: &str = "gN65BkIKy1eCE9pP1wdc8ROUtkHLF2PfAqYdyYBz6EA=";
const NEW: &str = "BkXy2MEPKONcMHkZUL0TZz0Afxo3bNVa5cQO5wY5Xm4=";

/// A hub on `wg0` and its successor on `wg1`, changed by a JSON Merge Patch.
fn rotating(patch: &Value) -> Harness<Wireguard> {
    let mut config = json!({
        "endpoint": "vpn.example.net",
        "publicKey": OLD,
        "peers": {"laptop": {"publicKey": LAPTOP, "address": "10.100.0.2"}},
        "interfaces": {"wg1": {
            "endpoint": "vpn.example.net",
            "publicKey": NEW,
            "cidr": "10.102.0.0/24",
            "port": 51822,
            "peers": {"laptop": {"publicKey": LAPTOP, "address": "10.102.0.2"}},
        }},
    });
    merge_patch(&mut config, patch);
    Harness::homelab().config(config)
}

/// One hub with a site behind a peer, changed by a JSON Merge Patch.
fn site(patch: &Value) -> Harness<Wireguard> {
    let mut config = json!({
        "endpoint": "vpn.example.net",
        "publicKey": OLD,
        "peers": {
            "laptop": {"publicKey": LAPTOP, "address": "10.100.0.2"},
            "branch": {
                "publicKey": BRANCH,
                "address": "10.100.0.3",
                "networks": ["192.168.7.0/24"],
            },
        },
    });
    merge_patch(&mut config, patch);
    Harness::homelab().config(config)
}

fn assert_error(rendered: &Rendered, code: &str, place: &str) {
    assert_eq!(rendered.errors(), [code], "{:#?}", rendered.0.diagnostics);
    let finding = &rendered.0.diagnostics[0];
    assert_eq!(finding.place, Place::Config(place.to_owned()));
    assert!(!finding.hints.is_empty());
}

fn stated(harness: &Harness<Wireguard>, kind: &str) -> Vec<Value> {
    let facts = harness.facts().facts;
    let of_kind = facts.into_iter().filter(|fact| fact.kind == kind);
    of_kind.map(|fact| fact.value).collect()
}

#[test]
fn each_interface_has_its_own_file_key_and_unit() {
    let rendered = rotating(&json!({})).render();
    assert_eq!(rendered.0.diagnostics, []);
    let second = rendered.file("pi-1", "/etc/wireguard/wg1.conf");
    assert!(second.contains("\nAddress = 10.102.0.1/24\nListenPort = 51822\n"));
    assert!(second.contains("/etc/wireguard/wg1.key"));
    rendered.file("pi-1", "/etc/wireguard/wg0.conf");
    rendered.file(
        "pi-1",
        "/etc/systemd/system/wg-quick@wg1.service.d/ztgit.conf",
    );
    let scripts = rendered
        .files()
        .filter(|file| file.path.ends_with("/wg-sync"));
    assert_eq!(scripts.count(), 1);
}

#[test]
fn a_device_has_a_tunnel_of_its_own_name_for_each_interface() {
    let rendered = rotating(&json!({})).render();
    let first = rendered.client_file("laptop", "laptop.conf");
    let second = rendered.client_file("laptop", "laptop-wg1.conf");
    assert!(first.contains(OLD) && first.contains("Endpoint = vpn.example.net:51820\n"));
    assert!(second.contains(NEW) && second.contains("Endpoint = vpn.example.net:51822\n"));
}

#[test]
fn every_interface_is_stated_for_others() {
    let harness = rotating(&json!({}));
    let ports = stated(&harness, "host-port");
    let listeners: Vec<_> = ports
        .iter()
        .filter(|port| port["protocol"] == "UDP")
        .map(|port| port["port"].as_u64().unwrap())
        .collect();
    assert_eq!(listeners, [51820, 51822]);
    let names: Vec<_> = stated(&harness, "tls-san")
        .into_iter()
        .map(|name| name["name"].clone())
        .collect();
    assert_eq!(names, ["10.100.0.1", "10.102.0.1"]);
    let trusted = stated(&harness, "trusted-cidr");
    assert_eq!(trusted[1]["range"], "10.102.0.0/24");
}

#[test]
fn without_the_top_level_there_is_no_first_interface() {
    let patch = json!({"endpoint": null, "publicKey": null, "peers": null});
    let rendered = rotating(&patch).render();
    let paths: Vec<_> = rendered.files().map(|file| file.path.as_str()).collect();
    assert!(!paths.iter().any(|path| path.contains("wg0")), "{paths:?}");
    rendered.client_file("laptop", "laptop-wg1.conf");
}

#[test]
fn two_interfaces_share_neither_name_nor_port_nor_range_nor_key() {
    let wg1 = |patch: Value| rotating(&json!({"interfaces": {"wg1": patch}})).render();
    let place = |rest: &str| format!("/interfaces/wg1/{rest}");
    assert_error(
        &wg1(json!({"port": 51820})),
        "port-duplicate",
        &place("port"),
    );
    let wide = wg1(json!({"cidr": "10.96.0.0/11"}));
    assert_eq!(wide.errors(), ["cidr-overlap"]);
    assert_error(
        &wg1(json!({"publicKey": OLD})),
        "key-duplicate",
        &place("publicKey"),
    );
    let twice = rotating(&json!({"interfaces": {"wg0": {
        "cidr": "10.103.0.0/24", "port": 51823,
    }}}));
    assert_error(&twice.render(), "interface-duplicate", "/interfaces/wg0");
}

#[test]
fn on_different_nodes_one_port_serves_two_interfaces() {
    let agent = json!({"nodes": {"pi-2": {"role": "server", "addresses": ["192.168.1.11"]}}});
    let patch = json!({"node": "pi-1", "interfaces": {"wg1": {"node": "pi-2", "port": 51820}}});
    let rendered = rotating(&patch).patch_cluster(&agent).render();
    assert_eq!(rendered.errors(), [""; 0]);
    rendered.file("pi-2", "/etc/wireguard/wg1.conf");
    rendered.file("pi-2", "/usr/local/lib/ztgit/wg-sync");
}

#[test]
fn a_name_that_no_interface_can_have_is_refused() {
    for name in ["Wg1", "wg 1", "1wg", "sixteen-letters-", "wg1;id", ""] {
        let hub = json!({"cidr": "10.102.0.0/24", "port": 51822});
        let rendered = rotating(&json!({"interfaces": {"wg1": null, name: hub}})).render();
        assert_error(&rendered, "interface-name", &format!("/interfaces/{name}"));
    }
}

#[test]
fn the_name_of_a_second_tunnel_has_to_fit_the_device() {
    let peer = json!({"publicKey": BRANCH, "address": "10.102.0.3"});
    let patch = json!({"interfaces": {"wg1": {"peers": {"twelve-chars": peer}}}});
    let place = "/interfaces/wg1/peers/twelve-chars";
    assert_error(&rotating(&patch).render(), "peer-name", place);
}

#[test]
fn both_families_have_addresses_side_by_side() {
    let harness = rotating(&json!({
        "cidr6": "fd00:100::/64",
        "podAccess": true,
        "peers": {"laptop": {"address6": "fd00:100::2"}},
    }))
    .patch_cluster(&json!({"network": {"podCIDRs": ["10.42.0.0/16", "fd00:42::/56"]}}));
    let names = stated(&harness, "tls-san");
    assert_eq!(names[1]["name"], "fd00:100::1");
    let rendered = harness.render();
    let hub = rendered.file("pi-1", "/etc/wireguard/wg0.conf");
    assert!(hub.contains("\nAddress = 10.100.0.1/24, fd00:100::1/64\n"));
    assert!(hub.contains("\nAllowedIPs = 10.100.0.2/32, fd00:100::2/128\n"));
    let laptop = rendered.client_file("laptop", "laptop.conf");
    assert!(laptop.contains("\nAddress = 10.100.0.2/32, fd00:100::2/128\n"));
    assert!(
        laptop.contains(
            "\nAllowedIPs = 10.100.0.1/32, fd00:100::1/128, 10.42.0.0/16, fd00:42::/56\n"
        )
    );
    let settings = rendered.file("pi-1", "/etc/sysctl.d/60-ztgit-wireguard.conf");
    assert!(settings.contains("net.ipv4.ip_forward = 1\n"));
    assert!(settings.contains("net.ipv6.conf.all.forwarding = 1\n"));
}

#[test]
fn the_second_range_is_ipv6_and_the_first_is_not() {
    for (first, second) in [
        ("10.100.0.0/24", "10.103.0.0/24"),
        ("fd00:1::/64", "fd00:2::/64"),
    ] {
        let patch = json!({"cidr": first, "cidr6": second, "peers": null});
        assert_error(&rotating(&patch).render(), "cidr-family", "/cidr6");
    }
}

#[test]
fn a_second_address_needs_a_second_range() {
    let patch = json!({"peers": {"laptop": {"address6": "fd00:100::2"}}});
    assert_error(
        &rotating(&patch).render(),
        "peer-outside",
        "/peers/laptop/address6",
    );
    let own = json!({"cidr6": "fd00:100::/64", "peers": {"laptop": {"address6": "fd00:100::1"}}});
    assert_error(
        &rotating(&own).render(),
        "peer-reserved",
        "/peers/laptop/address6",
    );
}

#[test]
fn the_network_behind_a_peer_is_routed_to_it() {
    let rendered = site(&json!({})).render();
    assert_eq!(rendered.0.diagnostics, []);
    let hub = rendered.file("pi-1", "/etc/wireguard/wg0.conf");
    assert!(hub.contains("\nAllowedIPs = 10.100.0.3/32, 192.168.7.0/24\n"));
    assert!(hub.contains("\nTable = off\n# RouteMetric = 100\n"));
    let settings = rendered.file("pi-1", "/etc/sysctl.d/60-ztgit-wireguard.conf");
    assert!(settings.contains("ip_forward = 1\n") && !settings.contains("ipv6"));
}

#[test]
fn everything_behind_a_peer_is_refused_with_the_reason() {
    for everything in ["0.0.0.0/0", "::/0"] {
        let rendered = site(&json!({"peers": {"branch": {"networks": [everything]}}})).render();
        assert_error(&rendered, "network-everything", "/peers/branch/networks/0");
        let message = &rendered.0.diagnostics[0].message;
        assert!(
            message.contains("breaks Cilium's DNS and HTTP policy"),
            "{message}"
        );
    }
}

#[test]
fn networks_that_are_the_clusters_own_are_refused() {
    for taken in [
        "10.42.9.0/24",
        "10.43.0.0/16",
        "10.100.0.128/25",
        "128.0.0.0/1",
    ] {
        let networks = json!({"peers": {"branch": {"networks": [taken]}}});
        let rendered = site(&networks)
            .patch_cluster(&json!({"network": {"podCIDRs": ["10.42.0.0/16", "129.0.0.0/16"]}}));
        assert_error(
            &rendered.render(),
            "network-overlap",
            "/peers/branch/networks/0",
        );
    }
}

#[test]
fn a_network_has_one_peer() {
    let patch = json!({"peers": {"laptop": {"networks": ["192.168.6.0/23"]}}});
    assert_error(
        &site(&patch).render(),
        "network-overlap",
        "/peers/laptop/networks/0",
    );
}

#[test]
fn the_hubs_own_network_is_behind_no_peer() {
    let patch = json!({"peers": {"branch": {"networks": ["192.168.1.0/24"]}}});
    assert_error(
        &site(&patch).render(),
        "network-loop",
        "/peers/branch/networks/0",
    );
}

#[test]
fn ranges_behind_the_hub_are_routed_and_stated() {
    let harness = site(&json!({"routes": ["192.168.1.0/24"]}));
    let routes = stated(&harness, "ztgit.dev/site-route");
    assert_eq!(
        routes,
        [
            json!({
                "interface": "wg0", "opener": "remote", "purpose": "networks over the VPN",
                "remote": ["10.100.0.0/24", "192.168.7.0/24"], "local": ["192.168.1.0/24"],
            }),
            json!({
                "interface": "wg0", "opener": "local", "purpose": "networks over the VPN",
                "remote": ["192.168.7.0/24"], "local": ["192.168.1.0/24"],
            }),
        ]
    );
    let rendered = harness.render();
    let laptop = rendered.client_file("laptop", "laptop.conf");
    assert!(laptop.contains("\nAllowedIPs = 10.100.0.1/32, 192.168.1.0/24\n"));
}

#[test]
fn routes_that_cannot_work_are_found() {
    let with = |route: &str| site(&json!({"routes": [route]})).render();
    assert_error(&with("0.0.0.0/0"), "routes-everything", "/routes/0");
    assert_error(&with("10.100.0.0/16"), "routes-overlap", "/routes/0");
    assert_error(&with("10.42.0.0/16"), "routes-overlap", "/routes/0");
    assert_eq!(with("10.43.0.0/16").warnings(), ["routes-services"]);
}

#[test]
fn resolvers_reach_the_device_and_one_that_nobody_serves_is_a_warning() {
    let with = |resolver: &str| site(&json!({"dns": [resolver]}));
    let rendered = with("192.168.1.1").render();
    assert_eq!(rendered.0.diagnostics, []);
    let laptop = rendered.client_file("laptop", "laptop.conf");
    assert!(laptop.contains("\nDNS = 192.168.1.1\n"));
    for resolver in ["10.100.0.1", "10.100.0.9", "10.43.0.10"] {
        assert_eq!(
            with(resolver).render().warnings(),
            ["dns-unserved"],
            "{resolver}"
        );
    }
}

#[test]
fn a_resolver_on_the_hub_is_let_through() {
    let ports = stated(&site(&json!({"dns": ["10.100.0.1"]})), "host-port");
    let opened: Vec<_> = ports
        .iter()
        .filter(|port| port["port"] == 53)
        .map(|port| port["protocol"].as_str().unwrap())
        .collect();
    assert_eq!(opened, ["UDP", "TCP"]);
    assert_eq!(stated(&site(&json!({})), "host-port").len(), 3);
}

#[test]
fn the_mtu_is_the_same_at_both_ends() {
    let rendered = site(&json!({"mtu": 1380})).render();
    let hub = rendered.file("pi-1", "/etc/wireguard/wg0.conf");
    let laptop = rendered.client_file("laptop", "laptop.conf");
    assert!(hub.contains("\nMTU = 1380\n") && laptop.contains("\nMTU = 1380\n"));
}

#[test]
fn a_preshared_key_is_named_by_its_file_at_both_ends() {
    let file = "/etc/wireguard/laptop.psk";
    let rendered = site(&json!({"peers": {"laptop": {"presharedKeyFile": file}}})).render();
    let hub = rendered.file("pi-1", "/etc/wireguard/wg0.conf");
    assert!(hub.contains(&format!(
        "{LAPTOP}\n# PresharedKeyFile = {file}\nAllowedIPs"
    )));
    let laptop = rendered.client_file("laptop", "laptop.conf");
    assert!(laptop.contains(&format!("# {file}, a file on pi-1.\n")));
    assert!(
        !rendered
            .client_file("branch", "branch.conf")
            .contains("Preshared")
    );
}

#[test]
fn a_preshared_key_itself_is_refused_without_repeating_it() {
    for text in [
        LAPTOP,
        "laptop.psk",
        "/etc/wireguard/../shadow.psk",
        "/etc/wireguard/.psk",
        "/etc/wireguard/a b.psk",
    ] {
        let rendered = site(&json!({"peers": {"laptop": {"presharedKeyFile": text}}})).render();
        assert_error(
            &rendered,
            "preshared-key-file",
            "/peers/laptop/presharedKeyFile",
        );
        assert!(!format!("{:?}", rendered.0.diagnostics).contains(LAPTOP));
    }
}
