//! What the plugin makes of a config: facts, files, findings.

use serde_json::{Value, json};
use ztgit_plugin::testing::{Harness, Rendered, merge_patch};
use ztgit_plugin::{Activation, FactScope, FileTarget, Place, Plugin, Statement, config_schema};
use ztgit_plugin_wireguard::Wireguard;

const LAPTOP: &str = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
const PHONE: &str = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0=";
const HUB: &str = "gN65BkIKy1eCE9pP1wdc8ROUtkHLF2PfAqYdyYBz6EA=";

/// A hub with two devices, changed by a JSON Merge Patch.
fn with(patch: &Value) -> Harness<Wireguard> {
    let mut config = json!({
        "endpoint": "vpn.example.net",
        "publicKey": HUB,
        "peers": {
            "laptop": {"publicKey": LAPTOP, "address": "10.100.0.2"},
            "phone": {"publicKey": PHONE, "address": "10.100.0.3"},
        },
    });
    merge_patch(&mut config, patch);
    Harness::homelab().config(config)
}

fn two_servers() -> Value {
    json!({"nodes": {"pi-2": {"role": "server", "addresses": ["192.168.1.11"]}}})
}

fn agent() -> Value {
    json!({"nodes": {"pi-2": {"role": "agent", "addresses": ["192.168.1.11"]}}})
}

/// The one error, which must be that one at that place of the config.
fn assert_error(rendered: &Rendered, code: &str, place: &str) {
    assert_eq!(rendered.errors(), [code], "{:#?}", rendered.0.diagnostics);
    let finding = &rendered.0.diagnostics[0];
    assert_eq!(finding.place, Place::Config(place.to_owned()));
    assert!(!finding.hints.is_empty());
    assert!(rendered.0.artifacts.is_empty());
}

fn kinds_and_values(statement: &Statement) -> Vec<(&str, &FactScope, &Value)> {
    statement
        .facts
        .iter()
        .map(|fact| (fact.kind.as_str(), &fact.scope, &fact.value))
        .collect()
}

#[test]
fn the_hubs_file_has_every_peer_and_no_key_of_its_own() {
    let rendered = with(&json!({})).render();
    assert_eq!(
        rendered.file("pi-1", "/etc/wireguard/wg0.conf"),
        format!(
            "\
# The VPN of cluster home, on its hub pi-1. Rendered by ztgit: change the stack.
# The private key stays in /etc/wireguard/wg0.key, which this node makes itself.
[Interface]
Address = 10.100.0.1/24
ListenPort = 51820
PostUp = wg set %i private-key /etc/wireguard/%i.key

# laptop
[Peer]
PublicKey = {LAPTOP}
AllowedIPs = 10.100.0.2/32

# phone
[Peer]
PublicKey = {PHONE}
AllowedIPs = 10.100.0.3/32
"
        )
    );
}

#[test]
fn a_devices_file_lacks_only_the_private_key() {
    let rendered = with(&json!({})).render();
    assert_eq!(
        rendered.client_file("laptop", "laptop.conf"),
        format!(
            "\
# The VPN of cluster home, for laptop. Rendered by ztgit: change the stack.
# The private key is made on this device and never leaves it:
#   (umask 077; wg genkey > laptop.key); wg pubkey < laptop.key
# The line that this prints is the public key that the stack has to name.
[Interface]
Address = 10.100.0.2/32
# Add here, on this device, the line `PrivateKey` with the content of laptop.key.
# With wg-quick, the file can stay where it is instead:
# PostUp = wg set %i private-key /etc/wireguard/%i.key

# pi-1, the hub
[Peer]
PublicKey = {HUB}
Endpoint = vpn.example.net:51820
AllowedIPs = 10.100.0.1/32
PersistentKeepalive = 25

# kubectl, once the VPN is up:
#   (umask 077; ssh 10.100.0.1 sudo cat /etc/rancher/k3s/k3s.yaml > home.yaml)
#   export KUBECONFIG=$PWD/home.yaml
#   kubectl config set-cluster default --server=https://10.100.0.1:6443
#   kubectl config rename-context default home
#   kubectl get nodes
"
        )
    );
}

#[test]
fn only_root_reads_the_hubs_file_and_the_scripts_can_be_run() {
    let rendered = with(&json!({})).render();
    let modes: Vec<_> = rendered
        .files()
        .filter(|file| matches!(file.target, FileTarget::Node(_)))
        .map(|file| (file.path.as_str(), file.mode))
        .collect();
    assert_eq!(
        modes,
        [
            ("/usr/local/lib/ztgit/wg-key", 0o755),
            ("/usr/local/lib/ztgit/wg-sync", 0o755),
            ("/usr/local/lib/ztgit/install.d/20-wireguard.sh", 0o755),
            (
                "/etc/systemd/system/wg-quick@wg0.service.d/ztgit.conf",
                0o644
            ),
            ("/etc/wireguard/wg0.conf", 0o600),
        ]
    );
}

#[test]
fn a_changed_file_reaches_a_running_interface_without_a_restart() {
    let rendered = with(&json!({})).render();
    let config = rendered
        .files()
        .find(|file| file.path.ends_with("wg0.conf"))
        .unwrap();
    assert_eq!(
        config.activation,
        [
            Activation::Enable("wg-quick@wg0.service".to_owned()),
            Activation::SyncWireguard("wg0".to_owned())
        ]
    );
}

#[test]
fn the_units_own_reload_is_replaced() {
    let rendered = with(&json!({})).render();
    let drop_in = rendered.file(
        "pi-1",
        "/etc/systemd/system/wg-quick@wg0.service.d/ztgit.conf",
    );
    assert!(drop_in.contains("\nExecReload=\nExecReload=/usr/local/lib/ztgit/wg-sync %i\n"));
}

#[test]
fn only_declared_paths_are_written() {
    let declared = Wireguard::describe().grants.host_paths;
    let rendered = with(&json!({})).render();
    for file in rendered
        .files()
        .filter(|file| matches!(file.target, FileTarget::Node(_)))
    {
        let covers = |granted: &String| {
            *granted == file.path || (granted.ends_with('/') && file.path.starts_with(granted))
        };
        assert!(declared.iter().any(covers), "{}", file.path);
    }
}

#[test]
fn port_range_and_address_are_stated_for_others() {
    let statement = with(&json!({"port": 51000})).facts();
    let hub = FactScope::Nodes(vec!["pi-1".to_owned()]);
    let vpn = json!({"ranges": {"ranges": ["10.100.0.0/24"], "interface": "wg0"}});
    assert_eq!(
        kinds_and_values(&statement),
        [
            (
                "host-port",
                &hub,
                &json!({"protocol": "UDP", "port": 51000, "from": "world", "purpose": "WireGuard"})
            ),
            (
                "host-port",
                &hub,
                &json!({"protocol": "TCP", "port": 22, "from": vpn, "purpose": "SSH over the VPN"})
            ),
            (
                "trusted-cidr",
                &FactScope::Cluster,
                &json!({"range": "10.100.0.0/24", "purpose": "devices on the VPN"})
            ),
            (
                "host-port",
                &hub,
                &json!({
                    "protocol": "TCP", "port": 6443, "from": vpn,
                    "purpose": "Kubernetes API over the VPN"
                })
            ),
            (
                "tls-san",
                &FactScope::Cluster,
                &json!({"name": "10.100.0.1"})
            ),
        ]
    );
}

#[test]
fn pod_access_routes_pods_through_the_tunnel_and_says_so() {
    let harness = with(&json!({"podAccess": true}));
    let statement = harness.facts();
    let route = statement.facts.last().unwrap();
    assert_eq!(route.kind, "pod-route");
    assert_eq!(
        route.value,
        json!({"interface": "wg0", "range": "10.100.0.0/24", "purpose": "pods over the VPN"})
    );
    let rendered = harness.render();
    let laptop = rendered.client_file("laptop", "laptop.conf");
    assert!(laptop.contains("\nAllowedIPs = 10.100.0.1/32, 10.42.0.0/16\n"));
}

#[test]
fn an_agent_as_hub_offers_no_kubernetes_api() {
    let harness = with(&json!({"node": "pi-2"})).patch_cluster(&agent());
    let stated: Vec<String> = harness
        .facts()
        .facts
        .iter()
        .map(|fact| format!("{} {}", fact.kind, fact.value))
        .collect();
    assert!(
        !stated
            .iter()
            .any(|fact| fact.contains("6443") || fact.starts_with("tls-san"))
    );
    let rendered = harness.render();
    assert_eq!(rendered.warnings(), ["hub-without-api"]);
    assert!(
        !rendered
            .client_file("laptop", "laptop.conf")
            .contains("kubectl")
    );
}

#[test]
fn without_the_hubs_key_the_files_have_a_placeholder_and_the_author_is_told() {
    let rendered = with(&json!({"publicKey": null})).render();
    assert_eq!(rendered.warnings(), ["server-key-missing"]);
    let laptop = rendered.client_file("laptop", "laptop.conf");
    assert!(laptop.contains("\nPublicKey = PUBLIC-KEY-OF-THE-HUB\n"));
}

#[test]
fn no_peers_need_no_endpoint() {
    let rendered = Harness::<Wireguard>::homelab().render();
    assert_eq!(rendered.0.diagnostics, []);
    assert!(
        !rendered
            .file("pi-1", "/etc/wireguard/wg0.conf")
            .contains("[Peer]")
    );
}

#[test]
fn ipv6_works_throughout() {
    let rendered = with(&json!({
        "cidr": "fd00:100::/64",
        "endpoint": "2001:db8::7",
        "peers": {"laptop": {"address": "fd00:100::2"}, "phone": {"address": "fd00:100::3"}},
    }))
    .render();
    let hub = rendered.file("pi-1", "/etc/wireguard/wg0.conf");
    assert!(hub.contains("\nAddress = fd00:100::1/64\n"));
    assert!(hub.contains("\nAllowedIPs = fd00:100::2/128\n"));
    let laptop = rendered.client_file("laptop", "laptop.conf");
    assert!(laptop.contains("\nEndpoint = [2001:db8::7]:51820\n"));
    assert!(laptop.contains("--server=https://[fd00:100::1]:6443\n"));
}

#[test]
fn no_keepalive_leaves_the_line_out() {
    let rendered = with(&json!({"keepalive": 0})).render();
    assert!(
        !rendered
            .client_file("laptop", "laptop.conf")
            .contains("PersistentKeepalive")
    );
}

#[test]
fn the_schema_has_no_place_for_a_private_key() {
    let schema = config_schema::<Wireguard>();
    assert_eq!(schema["additionalProperties"], false);
    let parts = ["Hub", "Peer", "Mesh", "Member"].map(|name| &schema["$defs"][name]);
    for part in parts {
        assert_eq!(part["additionalProperties"], false);
    }
    let names = [&schema].into_iter().chain(parts);
    let names = names.map(|part| part["properties"].as_object().unwrap().keys());
    assert!(
        !names
            .flatten()
            .any(|name| name.to_lowercase().contains("private"))
    );
}

#[test]
fn among_two_servers_the_hub_has_to_be_named() {
    let harness = with(&json!({})).patch_cluster(&two_servers());
    assert_eq!(harness.facts(), Statement::default());
    assert_error(&harness.render(), "node-required", "");
    let named = with(&json!({"node": "pi-2"}))
        .patch_cluster(&two_servers())
        .render();
    assert!(
        named
            .file("pi-2", "/etc/wireguard/wg0.conf")
            .contains("on its hub pi-2")
    );
}

#[test]
fn an_unknown_hub_is_refused() {
    assert_error(
        &with(&json!({"node": "pi-9"})).render(),
        "node-unknown",
        "/node",
    );
}

#[test]
fn peers_without_an_endpoint_are_refused() {
    assert_error(
        &with(&json!({"endpoint": null})).render(),
        "endpoint-required",
        "",
    );
}

#[test]
fn an_endpoint_that_is_no_host_is_refused() {
    for endpoint in [
        "vpn.example.net:51820",
        "https://vpn.example.net",
        "a b",
        "",
    ] {
        let rendered = with(&json!({"endpoint": endpoint})).render();
        assert_error(&rendered, "endpoint", "/endpoint");
    }
}

#[test]
fn an_address_of_two_peers_is_refused() {
    let rendered = with(&json!({"peers": {"phone": {"address": "10.100.0.2"}}})).render();
    assert_error(&rendered, "peer-overlap", "/peers/phone/address");
}

#[test]
fn an_address_outside_the_range_is_refused() {
    let rendered = with(&json!({"peers": {"phone": {"address": "10.100.1.3"}}})).render();
    assert_error(&rendered, "peer-outside", "/peers/phone/address");
}

#[test]
fn the_addresses_of_network_hub_and_broadcast_are_refused() {
    for address in ["10.100.0.0", "10.100.0.1", "10.100.0.255"] {
        let rendered = with(&json!({"peers": {"phone": {"address": address}}})).render();
        assert_error(&rendered, "peer-reserved", "/peers/phone/address");
    }
}

#[test]
fn an_address_with_a_prefix_is_refused() {
    let rendered = with(&json!({"peers": {"phone": {"address": "10.100.0.3/32"}}})).render();
    assert_error(&rendered, "peer-address", "/peers/phone/address");
}

#[test]
fn a_key_of_two_peers_is_refused() {
    let rendered = with(&json!({"peers": {"phone": {"publicKey": LAPTOP}}})).render();
    assert_error(&rendered, "key-duplicate", "/peers/phone/publicKey");
}

#[test]
fn the_hubs_key_on_a_peer_is_refused() {
    let rendered = with(&json!({"peers": {"phone": {"publicKey": HUB}}})).render();
    assert_error(&rendered, "key-duplicate", "/peers/phone/publicKey");
}

#[test]
fn a_malformed_key_is_refused_without_repeating_it() {
    let secret = LAPTOP.replace('=', "");
    for key in [secret.as_str(), &format!("{}=", "A".repeat(43))] {
        let rendered = with(&json!({"peers": {"phone": {"publicKey": key}}})).render();
        assert_error(&rendered, "public-key", "/peers/phone/publicKey");
        assert!(!format!("{:?}", rendered.0.diagnostics).contains(key));
        assert_error(
            &with(&json!({"publicKey": key})).render(),
            "public-key",
            "/publicKey",
        );
    }
}

#[test]
fn a_peer_that_cannot_name_a_tunnel_is_refused() {
    for name in ["Laptop", "a/b", "much-too-long-for-it", "-x", ""] {
        let peer = json!({"publicKey": PHONE, "address": "10.100.0.3"});
        let rendered = with(&json!({"peers": {"phone": null, name: peer}})).render();
        assert_error(
            &rendered,
            "peer-name",
            &format!("/peers/{}", name.replace('/', "~1")),
        );
    }
}

#[test]
fn a_port_of_ciliums_is_refused_where_cilium_runs() {
    let harness = with(&json!({"port": 51871}));
    assert_error(&harness.render(), "port-taken", "/port");
    let elsewhere =
        with(&json!({"port": 51871})).patch_cluster(&json!({"cni": {"name": "calico"}}));
    assert_eq!(elsewhere.render().errors(), [""; 0]);
}

#[test]
fn a_range_that_is_somebody_elses_is_refused() {
    for range in ["10.42.7.0/24", "10.43.0.0/16", "192.168.0.0/16"] {
        let rendered = with(&json!({"cidr": range, "endpoint": null, "peers": null})).render();
        assert_error(&rendered, "cidr-overlap", "/cidr");
    }
}

#[test]
fn a_range_without_room_is_refused() {
    let rendered = with(&json!({"cidr": "10.100.0.0/31", "peers": null})).render();
    assert_error(&rendered, "cidr-small", "/cidr");
}

#[test]
fn independent_problems_are_reported_together() {
    let rendered = with(&json!({
        "node": "pi-9",
        "port": 51871,
        "endpoint": "a b",
        "peers": {"laptop": {"publicKey": "short", "address": "10.0.0.1"}},
    }))
    .render();
    let expected = [
        "node-unknown",
        "endpoint",
        "public-key",
        "peer-outside",
        "port-taken",
    ];
    assert_eq!(rendered.errors(), expected);
}
