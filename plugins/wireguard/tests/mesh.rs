//! Meshes between nodes.

use serde_json::{Value, json};
use ztgit_plugin::testing::{Harness, Rendered, merge_patch};
use ztgit_plugin::{FactScope, Place};
use ztgit_plugin_wireguard::Wireguard;

const HOME: &str = "gN65BkIKy1eCE9pP1wdc8ROUtkHLF2PfAqYdyYBz6EA=";
const OFFICE: &str = "BkXy2MEPKONcMHkZUL0TZz0Afxo3bNVa5cQO5wY5Xm4=";

/// Two sites with a node each, changed by a JSON Merge Patch.
fn with(patch: &Value) -> Harness<Wireguard> {
    let mut config = json!({"meshes": {"mesh0": {
        "cidr": "10.101.0.0/24",
        "port": 51821,
        "nodes": {
            "pi-1": {
                "publicKey": HOME,
                "address": "10.101.0.1",
                "networks": ["192.168.1.0/24"],
                "endpoint": "home.example.net",
            },
            "pi-2": {
                "publicKey": OFFICE,
                "address": "10.101.0.2",
                "networks": ["192.168.7.0/24"],
            },
        },
    }}});
    merge_patch(&mut config, patch);
    let nodes = json!({"pi-2": {"role": "agent", "addresses": ["203.0.113.7"]}});
    Harness::homelab()
        .config(config)
        .patch_cluster(&json!({"nodes": nodes}))
}

fn mesh(patch: &Value) -> Harness<Wireguard> {
    with(&json!({"meshes": {"mesh0": patch}}))
}

fn assert_error(rendered: &Rendered, code: &str, place: &str) {
    assert_eq!(rendered.errors(), [code], "{:#?}", rendered.0.diagnostics);
    let finding = &rendered.0.diagnostics[0];
    assert_eq!(
        finding.place,
        Place::Config(format!("/meshes/mesh0{place}"))
    );
    assert!(!finding.hints.is_empty());
}

fn stated(harness: &Harness<Wireguard>, kind: &str) -> Vec<(FactScope, Value)> {
    let facts = harness.facts().facts;
    let of_kind = facts.into_iter().filter(|fact| fact.kind == kind);
    of_kind.map(|fact| (fact.scope, fact.value)).collect()
}

fn on(node: &str) -> FactScope {
    FactScope::Nodes(vec![node.to_owned()])
}

#[test]
fn every_member_has_all_others_with_their_endpoints_and_networks() {
    let rendered = mesh(&json!({"keepalive": 25})).render();
    assert_eq!(rendered.0.diagnostics, []);
    assert_eq!(
        rendered.file("pi-1", "/etc/wireguard/mesh0.conf"),
        format!(
            "\
# A mesh of cluster home, on its node pi-1. Rendered by ztgit: change the stack.
# The private key stays in /etc/wireguard/mesh0.key, which this node makes itself.
[Interface]
Address = 10.101.0.1/24
ListenPort = 51821
Table = off
# RouteMetric = 100
PostUp = wg set %i private-key /etc/wireguard/%i.key

# pi-2
[Peer]
PublicKey = {OFFICE}
Endpoint = 203.0.113.7:51821
AllowedIPs = 10.101.0.2/32, 192.168.7.0/24
PersistentKeepalive = 25
"
        )
    );
    let other = rendered.file("pi-2", "/etc/wireguard/mesh0.conf");
    assert!(other.contains("\nEndpoint = home.example.net:51821\n"));
    assert!(other.contains("\nAllowedIPs = 10.101.0.1/32, 192.168.1.0/24\n"));
}

#[test]
fn a_mesh_alone_needs_no_hub() {
    let rendered = mesh(&json!({})).render();
    let paths = rendered.files().map(|file| file.path.as_str());
    assert_eq!(paths.filter(|path| path.contains("wg0")).count(), 0);
}

#[test]
fn a_hub_and_a_mesh_stand_side_by_side() {
    let rendered = with(&json!({"endpoint": "vpn.example.net"})).render();
    assert_eq!(rendered.errors(), [""; 0]);
    rendered.file("pi-1", "/etc/wireguard/wg0.conf");
    rendered.file("pi-1", "/etc/wireguard/mesh0.conf");
    let clash = with(&json!({"endpoint": "vpn.example.net", "port": 51821})).render();
    assert_error(&clash, "port-duplicate", "/port");
}

#[test]
fn a_member_without_a_key_is_known_to_nobody_and_the_author_is_told() {
    let rendered = mesh(&json!({"nodes": {"pi-2": {"publicKey": null}}})).render();
    assert_eq!(rendered.warnings(), ["server-key-missing"]);
    let place = Place::Config("/meshes/mesh0/nodes/pi-2".to_owned());
    assert_eq!(rendered.0.diagnostics[0].place, place);
    assert!(
        !rendered
            .file("pi-1", "/etc/wireguard/mesh0.conf")
            .contains("[Peer]")
    );
    assert!(
        rendered
            .file("pi-2", "/etc/wireguard/mesh0.conf")
            .contains("[Peer]")
    );
}

#[test]
fn a_nodes_own_address_in_the_range_is_its_address_there() {
    let rendered = mesh(&json!({"nodes": {"pi-2": {"address": null}}}))
        .patch_cluster(&json!({"nodes": {"pi-2": {"addresses": ["10.101.0.9", "203.0.113.7"]}}}))
        .render();
    assert_eq!(rendered.errors(), [""; 0]);
    let other = rendered.file("pi-1", "/etc/wireguard/mesh0.conf");
    assert!(other.contains("\nEndpoint = 203.0.113.7:51821\nAllowedIPs = 10.101.0.9/32,"));
}

#[test]
fn a_member_needs_an_address_and_an_endpoint() {
    let none = mesh(&json!({"nodes": {"pi-2": {"address": null}}})).render();
    assert_error(&none, "address-required", "/nodes/pi-2");
    let inside = mesh(&json!({}))
        .patch_cluster(&json!({"nodes": {"pi-2": {"addresses": ["10.101.0.2"]}}}))
        .render();
    assert_error(&inside, "endpoint-required", "/nodes/pi-2");
}

#[test]
fn only_nodes_of_the_cluster_are_members() {
    let stranger = json!({"address": "10.101.0.3", "endpoint": "a.example.net"});
    let rendered = mesh(&json!({"nodes": {"pi-3": stranger}})).render();
    assert_error(&rendered, "node-unknown", "/nodes/pi-3");
}

#[test]
fn members_share_neither_address_nor_key_nor_network() {
    let second = |patch: Value| mesh(&json!({"nodes": {"pi-2": patch}})).render();
    assert_error(
        &second(json!({"address": "10.101.0.1"})),
        "peer-overlap",
        "/nodes/pi-2",
    );
    let key = second(json!({"publicKey": HOME}));
    assert_error(&key, "key-duplicate", "/nodes/pi-2/publicKey");
    let network = second(json!({"networks": ["192.168.1.128/25"]}));
    assert_error(&network, "network-overlap", "/nodes/pi-2/networks/0");
}

#[test]
fn everything_behind_a_node_is_refused() {
    let rendered = mesh(&json!({"nodes": {"pi-2": {"networks": ["0.0.0.0/0"]}}})).render();
    assert_error(&rendered, "network-everything", "/nodes/pi-2/networks/0");
}

#[test]
fn the_tunnels_own_way_does_not_lead_through_it() {
    let own = mesh(&json!({"nodes": {"pi-2": {"networks": ["203.0.113.0/24"]}}})).render();
    assert_error(&own, "network-loop", "/nodes/pi-2/networks/0");
    let others = mesh(&json!({"nodes": {
        "pi-1": {"networks": null}, "pi-2": {"networks": ["192.168.0.0/20"]},
    }}));
    assert_error(&others.render(), "network-loop", "/nodes/pi-2/networks/0");
}

#[test]
fn an_address_outside_the_range_is_refused() {
    let rendered = mesh(&json!({"nodes": {"pi-2": {"address": "10.99.0.2"}}})).render();
    assert_error(&rendered, "peer-outside", "/nodes/pi-2/address");
}

#[test]
fn a_mesh_of_one_is_a_warning() {
    let rendered = mesh(&json!({"nodes": {"pi-2": null}})).render();
    assert_eq!(rendered.warnings(), ["mesh-small"]);
}

#[test]
fn a_successor_may_lead_to_the_same_networks_with_another_metric() {
    let successor = |metric: u16| {
        with(&json!({"meshes": {"mesh1": {
            "cidr": "10.102.0.0/24",
            "port": 51823,
            "metric": metric,
            "nodes": {
                "pi-1": {
                    "address": "10.102.0.1",
                    "networks": ["192.168.1.0/24"],
                    "endpoint": "home.example.net",
                },
                "pi-2": {"address": "10.102.0.2", "networks": ["192.168.7.0/24"]},
            },
        }}}))
        .render()
    };
    let sound = successor(200);
    assert_eq!(sound.errors(), [""; 0], "{:#?}", sound.0.diagnostics);
    let clash = successor(100);
    assert_eq!(clash.errors(), ["metric-duplicate"; 2]);
    let place = Place::Config("/meshes/mesh1/metric".to_owned());
    let metric = clash
        .0
        .diagnostics
        .iter()
        .filter(|finding| finding.place == place);
    assert_eq!(metric.count(), 2, "one for each member");
}

#[test]
fn the_port_is_open_to_nodes_alone_where_all_are_found_by_their_addresses() {
    let listener = |harness: &Harness<Wireguard>| {
        let ports = stated(harness, "host-port");
        let (_, port) = ports
            .into_iter()
            .find(|(_, port)| port["protocol"] == "UDP")
            .unwrap();
        port["from"].clone()
    };
    assert_eq!(listener(&mesh(&json!({}))), "world");
    assert_eq!(
        listener(&mesh(&json!({"nodes": {"pi-1": {"endpoint": null}}}))),
        "nodes"
    );
}

#[test]
fn the_api_is_reached_over_the_mesh_on_servers_alone() {
    let harness = mesh(&json!({}));
    let ports = stated(&harness, "host-port");
    let (scope, api) = ports
        .into_iter()
        .find(|(_, port)| port["port"] == 6443)
        .unwrap();
    assert_eq!(scope, on("pi-1"));
    assert_eq!(
        api["from"],
        json!({"ranges": {"ranges": ["10.101.0.0/24"], "interface": "mesh0"}})
    );
    let names = stated(&harness, "tls-san");
    assert_eq!(names, [(FactScope::Cluster, json!({"name": "10.101.0.1"}))]);
    let trusted = stated(&harness, "trusted-cidr");
    assert_eq!(trusted[0].1["range"], "10.101.0.0/24");
}

#[test]
fn networks_behind_members_are_stated_as_routes_from_each_side() {
    let routes = stated(&mesh(&json!({})), "ztgit.dev/site-route");
    let route = |node: &str, opener: &str, remote: Value, local: Value| {
        let value = json!({
            "interface": "mesh0", "opener": opener, "purpose": "networks over the mesh",
            "remote": remote, "local": local,
        });
        (on(node), value)
    };
    let (home, office) = ("192.168.1.0/24", "192.168.7.0/24");
    assert_eq!(
        routes,
        ["remote", "local"]
            .map(|opener| route(
                "pi-1",
                opener,
                json!(["10.101.0.0/24", office]),
                json!([home])
            ))
            .into_iter()
            .chain(["remote", "local"].map(|opener| {
                route(
                    "pi-2",
                    opener,
                    json!(["10.101.0.0/24", home]),
                    json!([office]),
                )
            }))
            .collect::<Vec<_>>()
    );
}

#[test]
fn a_preshared_key_is_named_for_every_pair() {
    let rendered = mesh(&json!({"presharedKeyFile": "/etc/wireguard/mesh0.psk"})).render();
    for node in ["pi-1", "pi-2"] {
        let conf = rendered.file(node, "/etc/wireguard/mesh0.conf");
        assert!(conf.contains("\n# PresharedKeyFile = /etc/wireguard/mesh0.psk\nEndpoint"));
    }
    let pasted = mesh(&json!({"presharedKeyFile": HOME})).render();
    assert_error(&pasted, "preshared-key-file", "/presharedKeyFile");
}
