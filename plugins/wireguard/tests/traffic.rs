//! Packets through rendered tunnels, between nodes and devices in network
//! namespaces: handshakes, a rotation without an outage, a revoked device.

mod lab;

use lab::Lab;
use serde_json::{Value, json};
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin_wireguard::Wireguard;

/// Two sites of one cluster, each with a node and a network behind it.
fn sites(meshes: &Value) -> Rendered {
    let rendered = Harness::<Wireguard>::homelab()
        .patch_cluster(&json!({"nodes": {
            "pi-1": null,
            "home": {"role": "server", "addresses": ["203.0.113.1"]},
            "office": {"role": "agent", "addresses": ["203.0.113.2"]},
        }}))
        .config(json!({"meshes": meshes}))
        .render();
    assert_eq!(rendered.errors(), [""; 0]);
    rendered
}

fn mesh(lab: &Lab, interface: &str, subnet: u8, metric: u16) -> Value {
    let member = |node: &str, host: u8, network: &str| {
        json!({
            "publicKey": lab.public_key(node, interface),
            "address": format!("10.{subnet}.0.{host}"),
            "networks": [network],
        })
    };
    json!({
        "cidr": format!("10.{subnet}.0.0/24"),
        "port": 51700 + u16::from(subnet),
        "metric": metric,
        "nodes": {
            "home": member("home", 1, "192.168.1.0/24"),
            "office": member("office", 2, "192.168.7.0/24"),
        },
    })
}

const SITES: &str = "
    machine home 203.0.113.1 192.168.1.1/24
    machine office 203.0.113.2 192.168.7.1/24
";

#[test]
#[ignore = "slow: real handshakes and pings"]
fn nodes_of_two_sites_reach_each_other_and_the_networks_behind() {
    let Some(lab) = Lab::new("mesh", &[("home", "mesh0"), ("office", "mesh0")]) else {
        return;
    };
    lab.write(
        "only",
        &sites(&json!({"mesh0": mesh(&lab, "mesh0", 101, 100)})),
    );
    lab.run(&format!(
        "{SITES}
        put only home mesh0 && start home mesh0
        put only office mesh0 && start office mesh0
        on home ping -c 3 -i 0.2 -W 3 10.101.0.2
        on home ping -c 3 -i 0.2 -W 3 -I 192.168.1.1 192.168.7.1
        on office ping -c 3 -i 0.2 -W 3 -I 192.168.7.1 192.168.1.1
        test \"$(on office wg show mesh0 latest-handshakes | cut -f 2)\" -gt 0"
    ));
}

#[test]
#[ignore = "slow: real handshakes and pings"]
fn a_mesh_moves_to_new_keys_without_a_lost_ping() {
    let interfaces = ["mesh0", "mesh1"];
    let keys = ["home", "office"].map(|node| interfaces.map(|interface| (node, interface)));
    let Some(lab) = Lab::new("mesh_rotation", keys.as_flattened()) else {
        return;
    };
    let old = mesh(&lab, "mesh0", 101, 100);
    let new = |metric| mesh(&lab, "mesh1", 102, metric);
    lab.write("before", &sites(&json!({"mesh0": old})));
    lab.write("beside", &sites(&json!({"mesh0": old, "mesh1": new(200)})));
    lab.write("moved", &sites(&json!({"mesh0": old, "mesh1": new(50)})));
    lab.write("after", &sites(&json!({"mesh1": new(50)})));
    let said = lab.run(&format!(
        "{SITES}
        for node in home office; do put before $node mesh0 && start $node mesh0; done
        on home ping -c 1 -W 3 -I 192.168.1.1 192.168.7.1 >&2
        keep_pinging home -I 192.168.1.1 192.168.7.1
        for node in home office; do
            put beside $node mesh0 mesh1 && reload $node mesh0 && start $node mesh1; sleep 1
        done
        on home ip route get 192.168.7.1 from 192.168.1.1 | grep -o 'dev [^ ]*'
        for node in home office; do
            put moved $node mesh0 mesh1 && reload $node mesh0 && reload $node mesh1; sleep 1
        done
        on home ip route get 192.168.7.1 from 192.168.1.1 | grep -o 'dev [^ ]*'
        for node in home office; do
            put after $node mesh1 && stop $node mesh0 && reload $node mesh1; sleep 1
        done
        stop_pinging"
    ));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[..2], ["dev mesh0", "dev mesh1"], "{said}");
    assert!(said.contains("nothing lost"), "{said}");
}

/// A hub whose devices have the keys of that lab.
fn hub(lab: &Lab, interfaces: &[(&str, u8)], devices: &[(&str, u8)]) -> Rendered {
    let hub = |interface: &str, subnet: u8| {
        let peers: Value = devices
            .iter()
            .map(|(device, host)| {
                let peer = json!({
                    "publicKey": lab.public_key(device, "device"),
                    "address": format!("10.{subnet}.0.{host}"),
                });
                ((*device).to_owned(), peer)
            })
            .collect::<serde_json::Map<_, _>>()
            .into();
        json!({
            "endpoint": "203.0.113.1",
            "cidr": format!("10.{subnet}.0.0/24"),
            "port": 51700 + u16::from(subnet),
            "publicKey": lab.public_key("hub", interface),
            "peers": peers,
        })
    };
    let interfaces: serde_json::Map<_, _> = interfaces
        .iter()
        .map(|(interface, subnet)| ((*interface).to_owned(), hub(interface, *subnet)))
        .collect();
    let rendered = Harness::<Wireguard>::homelab()
        .patch_cluster(&json!({"nodes": {
            "pi-1": null,
            "hub": {"role": "server", "addresses": ["203.0.113.1"]},
        }}))
        .config(json!({"interfaces": interfaces}))
        .render();
    assert_eq!(rendered.errors(), [""; 0]);
    rendered
}

const PEOPLE: &str = "
    machine hub 203.0.113.1
    machine laptop 203.0.113.2
    machine phone 203.0.113.3
";

#[test]
#[ignore = "slow: real handshakes and pings"]
fn devices_move_to_the_hubs_new_key_without_a_lost_ping() {
    let keys = [("hub", "wg0"), ("hub", "wg1"), ("laptop", "device")];
    let Some(lab) = Lab::new("hub_rotation", &keys) else {
        return;
    };
    let devices = [("laptop", 2)];
    lab.write("before", &hub(&lab, &[("wg0", 100)], &devices));
    let both = [("wg0", 100), ("wg1", 102)];
    lab.write("beside", &hub(&lab, &both, &devices));
    lab.write("after", &hub(&lab, &[("wg1", 102)], &devices));
    let said = lab.run(&format!(
        "{PEOPLE}
        put before hub wg0 && start hub wg0
        device before laptop laptop && start laptop laptop
        on laptop ping -c 1 -W 3 10.100.0.1 >&2
        keep_pinging laptop 10.100.0.1

        put beside hub wg0 wg1 && reload hub wg0 && start hub wg1
        sleep 1
        # The device takes the new tunnel beside the old one, then leaves the old.
        device beside laptop laptop-wg1 && start laptop laptop-wg1
        on laptop ping -c 3 -i 0.2 -W 3 10.102.0.1 >&2
        stop_pinging
        keep_pinging laptop 10.102.0.1
        stop laptop laptop
        sleep 1

        put after hub wg1 && stop hub wg0 && reload hub wg1
        sleep 1
        stop_pinging
        if on laptop ping -c 1 -W 1 10.100.0.1 >&2; then exit 1; fi
        on hub wg show interfaces"
    ));
    assert_eq!(said.matches("nothing lost").count(), 2, "{said}");
    assert!(said.ends_with("\nwg1\n"), "{said}");
}

#[test]
#[ignore = "slow: real handshakes and pings"]
fn a_revoked_device_is_cut_off_and_the_others_stay() {
    let keys = [("hub", "wg0"), ("laptop", "device"), ("phone", "device")];
    let Some(lab) = Lab::new("revoked", &keys) else {
        return;
    };
    let interfaces = [("wg0", 100)];
    lab.write(
        "both",
        &hub(&lab, &interfaces, &[("laptop", 2), ("phone", 3)]),
    );
    lab.write("one", &hub(&lab, &interfaces, &[("laptop", 2)]));
    let said = lab.run(&format!(
        "{PEOPLE}
        put both hub wg0 && start hub wg0
        for name in laptop phone; do
            device both $name $name && start $name $name
            on $name ping -c 1 -W 3 10.100.0.1 >&2
        done
        keep_pinging laptop 10.100.0.1
        sleep 0.5
        put one hub wg0 && reload hub wg0
        if on phone ping -c 3 -i 0.2 -W 1 10.100.0.1 >&2; then exit 1; fi
        stop_pinging
        on hub wg show wg0 peers"
    ));
    assert!(said.contains("nothing lost"), "{said}");
    let laptop = lab.public_key("laptop", "device");
    assert!(said.ends_with(&format!("\n{laptop}\n")), "{said}");
}
