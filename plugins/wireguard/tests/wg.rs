//! The rendered files, read by the tools that they are for.

mod tunnel;

use serde_json::{Value, json};
use ztgit_plugin::testing::Harness;
use ztgit_plugin_wireguard::Wireguard;
use ztgit_test_support::Sandbox;

use tunnel::{HUB, LAPTOP, OTHER as PHONE, PRIVATE_DIRECTORIES, TOOLS};

fn config(peers: &Value) -> Value {
    json!({"endpoint": "203.0.113.7", "publicKey": HUB, "podAccess": true, "peers": peers})
}

fn two_peers() -> Value {
    json!({
        "laptop": {"publicKey": LAPTOP, "address": "10.100.0.2"},
        "phone": {"publicKey": PHONE, "address": "10.100.0.3"},
    })
}

fn hub(sandbox: &Sandbox, name: &str, peers: &Value) {
    let rendered = Harness::<Wireguard>::homelab()
        .config(config(peers))
        .render();
    sandbox.write(name, rendered.file("pi-1", "/etc/wireguard/wg0.conf"));
    sandbox.write(
        "wg-key",
        rendered.file("pi-1", "/usr/local/lib/ztgit/wg-key"),
    );
    sandbox.write(
        "wg-sync",
        rendered.file("pi-1", "/usr/local/lib/ztgit/wg-sync"),
    );
}

#[test]
fn the_hub_comes_up_with_its_key_and_every_peer() {
    let Some(sandbox) = Sandbox::new("hub_up", &TOOLS) else {
        return;
    };
    hub(&sandbox, "wg0.conf", &two_peers());
    let shown = sandbox.run(&format!(
        "{PRIVATE_DIRECTORIES}
        install -m 0600 wg0.conf /etc/wireguard
        bash wg-key wg0 >public
        wg-quick up wg0 >&2
        test \"$(wg show wg0 public-key)\" = \"$(cat public)\"
        wg show wg0 listen-port
        wg show wg0 allowed-ips
        ip -oneline -4 address show wg0 | awk '{{ print $4 }}'"
    ));
    let mut lines: Vec<&str> = shown.lines().collect();
    lines[1..3].sort_unstable();
    let phone = format!("{PHONE}\t10.100.0.3/32");
    let laptop = format!("{LAPTOP}\t10.100.0.2/32");
    assert_eq!(lines, ["51820", &phone, &laptop, "10.100.0.1/24"]);
}

#[test]
fn a_reload_revokes_a_peer_and_keeps_the_private_key() {
    let Some(sandbox) = Sandbox::new("hub_sync", &TOOLS) else {
        return;
    };
    hub(&sandbox, "both.conf", &two_peers());
    hub(
        &sandbox,
        "one.conf",
        &json!({"laptop": {"publicKey": LAPTOP, "address": "10.100.0.2"}}),
    );
    let shown = sandbox.run(&format!(
        "{PRIVATE_DIRECTORIES}
        install -m 0600 both.conf /etc/wireguard/wg0.conf
        bash wg-key wg0 >public
        wg-quick up wg0 >&2
        install -m 0600 one.conf /etc/wireguard/wg0.conf
        bash wg-sync wg0
        test \"$(wg show wg0 public-key)\" = \"$(cat public)\"
        wg show wg0 peers"
    ));
    assert_eq!(shown.lines().collect::<Vec<_>>(), [LAPTOP]);
}

#[test]
fn a_reload_of_an_unreadable_file_changes_nothing() {
    let Some(sandbox) = Sandbox::new("hub_sync_broken", &TOOLS) else {
        return;
    };
    hub(&sandbox, "wg0.conf", &two_peers());
    let shown = sandbox.run(&format!(
        "{PRIVATE_DIRECTORIES}
        install -m 0600 wg0.conf /etc/wireguard
        bash wg-key wg0 >public
        wg-quick up wg0 >&2
        rm /etc/wireguard/wg0.conf
        if bash wg-sync wg0; then exit 1; fi
        test \"$(wg show wg0 public-key)\" = \"$(cat public)\"
        wg show wg0 peers"
    ));
    assert_eq!(shown.lines().count(), 2);
}

#[test]
fn the_key_script_keeps_an_existing_key_and_prints_only_the_public_half() {
    let Some(sandbox) = Sandbox::new("key_script", &TOOLS) else {
        return;
    };
    hub(&sandbox, "wg0.conf", &two_peers());
    let printed = sandbox.run(&format!(
        "{PRIVATE_DIRECTORIES}
        umask 000
        bash wg-key
        cp /etc/wireguard/wg0.key first
        bash wg-key wg0
        cmp first /etc/wireguard/wg0.key
        stat -c %a /etc/wireguard/wg0.key
        ls /etc/wireguard
        wg pubkey <first"
    ));
    let lines: Vec<&str> = printed.lines().collect();
    assert_eq!(lines[2..4], ["600", "wg0.key"]);
    assert_eq!(
        (lines[0], lines[1]),
        (lines[4], lines[4]),
        "the public key, each time"
    );
}

#[test]
fn a_device_comes_up_once_it_has_its_private_key() {
    let Some(sandbox) = Sandbox::new("client_up", &TOOLS) else {
        return;
    };
    let rendered = Harness::<Wireguard>::homelab()
        .config(config(&two_peers()))
        .render();
    sandbox.write("laptop.conf", rendered.client_file("laptop", "laptop.conf"));
    let shown = sandbox.run(&format!(
        "{PRIVATE_DIRECTORIES}
        awk -v key=\"$(wg genkey)\" '{{ print }} /^\\[Interface\\]/ {{ print \"PrivateKey = \" key }}' \
            laptop.conf >/etc/wireguard/laptop.conf
        wg-quick up laptop >&2
        wg show laptop endpoints
        wg show laptop allowed-ips
        wg show laptop persistent-keepalive"
    ));
    let expected = [
        format!("{HUB}\t203.0.113.7:51820"),
        format!("{HUB}\t10.100.0.1/32 10.42.0.0/16"),
        format!("{HUB}\t25"),
    ];
    assert_eq!(shown.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn a_devices_file_without_the_hubs_key_is_refused() {
    let Some(sandbox) = Sandbox::new("client_placeholder", &TOOLS) else {
        return;
    };
    let mut without_key = config(&two_peers());
    without_key["publicKey"].take();
    let rendered = Harness::<Wireguard>::homelab().config(without_key).render();
    sandbox.write("laptop.conf", rendered.client_file("laptop", "laptop.conf"));
    let output = sandbox.script("wg setconf wg0 <(wg-quick strip ./laptop.conf)");
    assert!(String::from_utf8_lossy(&output.stderr).contains("Configuration parsing error"));
}
