//! What `wg-sync` changes on a running interface: everything that is in the
//! file, and keys that are not.

mod tunnel;

use serde_json::{Value, json};
use ztgit_plugin::testing::{Harness, merge_patch};
use ztgit_plugin_wireguard::Wireguard;
use ztgit_test_support::Sandbox;

use tunnel::{HUB, LAPTOP, OTHER as BRANCH, PRIVATE_DIRECTORIES, TOOLS};

/// `before` is up; `sync` puts a file into effect.
const RUNNING: &str = "
    sync() {
        install -m 0600 $1 /etc/wireguard/wg0.conf
        bash wg-sync wg0
    }
    routes() {
        ip -4 route show dev wg0 proto static
        ip -6 route show dev wg0 proto static
    }
    bash wg-key wg0 >public
    (umask 077; wg genpsk >/etc/wireguard/laptop.psk)
    install -m 0600 before /etc/wireguard/wg0.conf
    wg-quick up wg0 >&2
    sync before
";

/// A hub with a device and a site, in both families, changed by a JSON Merge
/// Patch.
fn conf(patch: &Value) -> ztgit_plugin::testing::Rendered {
    let mut config = json!({
        "endpoint": "203.0.113.7",
        "publicKey": HUB,
        "cidr6": "fd00:100::/64",
        "peers": {
            "laptop": {
                "publicKey": LAPTOP,
                "address": "10.100.0.2",
                "presharedKeyFile": "/etc/wireguard/laptop.psk",
            },
            "branch": {
                "publicKey": BRANCH,
                "address": "10.100.0.3",
                "address6": "fd00:100::3",
                "networks": ["192.168.7.0/24", "fd00:7::/64"],
            },
        },
    });
    merge_patch(&mut config, patch);
    let rendered = Harness::<Wireguard>::homelab().config(config).render();
    assert_eq!(rendered.errors(), [""; 0]);
    rendered
}

/// A sandbox with the file before and after.
fn change(test: &str, patch: &Value) -> Option<Sandbox> {
    let sandbox = Sandbox::new(test, &TOOLS)?;
    let before = conf(&json!({}));
    for script in ["wg-key", "wg-sync"] {
        let installed = format!("/usr/local/lib/ztgit/{script}");
        sandbox.write(script, before.file("pi-1", &installed));
    }
    let installed = "/etc/wireguard/wg0.conf";
    sandbox.write("before", before.file("pi-1", installed));
    sandbox.write("after", conf(patch).file("pi-1", installed));
    Some(sandbox)
}

#[test]
fn preshared_keys_reach_the_interface_and_no_output() {
    let Some(sandbox) = change("sync_preshared", &json!({})) else {
        return;
    };
    let shown = sandbox.run(&format!(
        "{PRIVATE_DIRECTORIES}{RUNNING}
        sync before >said 2>&1
        if grep -F -f /etc/wireguard/laptop.psk -f /etc/wireguard/wg0.key said; then exit 1; fi
        wg show wg0 preshared-keys | sort >shown
        printf '{BRANCH}\\t(none)\\n{LAPTOP}\\t%s\\n' \"$(cat /etc/wireguard/laptop.psk)\" | cmp shown -
        test \"$(wg show wg0 public-key)\" = \"$(cat public)\"
        echo as it should be"
    ));
    assert_eq!(shown, "as it should be\n");
}

#[test]
fn a_peer_without_its_preshared_key_stays_out_alone() {
    let Some(sandbox) = change("sync_preshared_missing", &json!({})) else {
        return;
    };
    for damage in ["rm", "truncate --size=20"] {
        let shown = sandbox.run(&format!(
            "{PRIVATE_DIRECTORIES}{RUNNING}
            {damage} /etc/wireguard/laptop.psk
            if sync before 2>said; then exit 1; fi
            cat said
            wg show wg0 peers
            test \"$(wg show wg0 public-key)\" = \"$(cat public)\""
        ));
        let expected = format!(
            "/etc/wireguard/laptop.psk: no preshared key there; whoever needs it stays out\n{BRANCH}\n"
        );
        assert_eq!(shown, expected, "{damage}");
    }
}

#[test]
fn without_a_private_key_nothing_is_changed_and_nothing_said_of_it() {
    let Some(sandbox) = change("sync_no_key", &json!({})) else {
        return;
    };
    let shown = sandbox.run(&format!(
        "{PRIVATE_DIRECTORIES}{RUNNING}
        echo half-a-secret >/etc/wireguard/wg0.key
        if sync before 2>said; then exit 1; fi
        cat said
        test \"$(wg show wg0 public-key)\" = \"$(cat public)\"
        wg show wg0 peers | wc -l"
    ));
    let refusal = "/etc/wireguard/wg0.key: no private key there; nothing is changed\n";
    assert_eq!(shown, format!("{refusal}2\n"));
}

#[test]
fn routes_follow_the_peers() {
    let patch = json!({
        "peers": {"branch": {"networks": ["192.168.8.0/24"], "address6": null}},
    });
    let Some(sandbox) = change("sync_routes", &patch) else {
        return;
    };
    let shown = sandbox.run(&format!(
        "{PRIVATE_DIRECTORIES}{RUNNING}
        routes >first
        sync before
        routes | cmp first -
        ip -4 route show 192.168.7.0/24
        ip -6 route show fd00:7::/64 | cut -d ' ' -f 1-7
        sync after
        ip -4 route show 192.168.8.0/24
        test -z \"$(ip -4 route show 192.168.7.0/24)$(ip -6 route show fd00:7::/64)\""
    ));
    let expected = "\
192.168.7.0/24 dev wg0 proto static scope link metric 100
fd00:7::/64 dev wg0 proto static metric 100
192.168.8.0/24 dev wg0 proto static scope link metric 100
";
    let trimmed: Vec<_> = shown.lines().map(str::trim_end).collect();
    assert_eq!(trimmed, expected.lines().collect::<Vec<_>>());
}

#[test]
fn another_metric_takes_the_place_of_the_old_one() {
    let Some(sandbox) = change("sync_metric", &json!({"metric": 50})) else {
        return;
    };
    let shown = sandbox.run(&format!(
        "{PRIVATE_DIRECTORIES}{RUNNING}
        sync after
        routes | grep -c 'metric 50'
        routes | grep -c -v 'metric 50' || true"
    ));
    assert_eq!(
        shown, "5\n0\n",
        "two of the family 6, three of 4, and no other"
    );
}

#[test]
fn addresses_port_and_mtu_change_without_a_restart() {
    let patch = json!({
        "cidr": "10.104.0.0/24", "cidr6": null, "port": 51900, "mtu": 1380,
        "peers": {
            "laptop": {"address": "10.104.0.2"},
            "branch": {"address": "10.104.0.3", "address6": null},
        },
    });
    let Some(sandbox) = change("sync_addresses", &patch) else {
        return;
    };
    let shown = sandbox.run(&format!(
        "{PRIVATE_DIRECTORIES}{RUNNING}
        sync after
        ip -oneline address show dev wg0 scope global | awk '{{ print $4 }}'
        wg show wg0 listen-port
        ip link show dev wg0 | grep -o 'mtu [0-9]*'"
    ));
    assert_eq!(shown, "10.104.0.1/24\n51900\nmtu 1380\n");
}
