//! The rendered rulesets, loaded by the real nft.

use serde_json::json;
use ztgit_plugin::FactScope;
use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{HostPort, HostPortSource, PodRoute};
use ztgit_plugin::testing::Harness;
use ztgit_plugin_nftables::Nftables;
use ztgit_test_support::Sandbox;

const RULESET: &str = "/etc/ztgit/nftables.nft";
const LOADER: &str = "/usr/local/lib/ztgit/nft-load";
const UNIT: &str = "/etc/systemd/system/ztgit-nftables.service";

fn port(protocol: Protocol, port: u16, from: HostPortSource, purpose: &str) -> HostPort {
    HostPort {
        protocol,
        port,
        end_port: None,
        from,
        purpose: purpose.to_owned(),
    }
}

fn vpn() -> HostPortSource {
    HostPortSource::Ranges {
        ranges: vec![
            "10.100.0.0/24".parse().expect("a range"),
            "fd00:100::/64".parse().expect("a range"),
        ],
        interface: Some("wg0".to_owned()),
    }
}

/// Every kind of rule that there is, in both families.
fn everything() -> Harness<Nftables> {
    let wide = ["10.0.0.0/8", "10.1.0.0/16", "192.168.9.9/32"]
        .map(|range| range.parse().expect("a range"));
    let overlapping = HostPortSource::Ranges {
        ranges: wide.to_vec(),
        interface: None,
    };
    let mut range = port(
        Protocol::Sctp,
        4000,
        overlapping,
        "a \"strange\"\npurpose; accept",
    );
    range.end_port = Some(4010);
    Harness::homelab()
        .config(json!({
            "ssh": {"breakGlass": ["192.168.1.0/24", "fd00:1::/64"]},
            "limits": {"sshPerMinute": 10, "pingPerSecond": 5},
        }))
        .patch_cluster(&json!({
            "network": {"podCIDRs": ["10.42.0.0/16", "fd00:42::/56"]},
            "nodes": {"pi-1": {"addresses": ["192.168.1.10", "fd00:1::10"]}},
        }))
        .fact(
            "wireguard",
            FactScope::Cluster,
            &port(Protocol::Udp, 51820, HostPortSource::World, "WireGuard"),
        )
        .fact(
            "k3s",
            FactScope::Cluster,
            &port(Protocol::Tcp, 6443, HostPortSource::Pods, "Kubernetes API"),
        )
        .fact(
            "k3s",
            FactScope::Cluster,
            &port(Protocol::Tcp, 10250, HostPortSource::Nodes, "kubelet"),
        )
        .fact(
            "wireguard",
            FactScope::Cluster,
            &port(Protocol::Tcp, 22, vpn(), "SSH over the VPN"),
        )
        .fact("other", FactScope::Cluster, &range)
}

fn write(sandbox: &Sandbox, harness: Harness<Nftables>) {
    let rendered = harness.render();
    assert_eq!(rendered.errors(), [""; 0]);
    sandbox.write("ruleset.nft", rendered.file("pi-1", RULESET));
    sandbox.write("nft-load", rendered.file("pi-1", LOADER));
}

#[test]
fn a_ruleset_loads_twice_to_the_same_effect_and_leaves_other_tables_alone() {
    let Some(sandbox) = Sandbox::new("load_twice", &["nft"]) else {
        return;
    };
    write(&sandbox, everything());
    sandbox.run(
        "nft add table ip crowdsec
        nft -f ruleset.nft
        nft -s list ruleset >first
        nft -f ruleset.nft
        nft -s list ruleset >second
        cmp first second
        nft list table ip crowdsec
        nft list table inet ztgit | grep -q 'policy drop'",
    );
}

#[test]
fn other_cnis_and_priorities_load() {
    let Some(sandbox) = Sandbox::new("variants", &["nft"]) else {
        return;
    };
    for priority in [-10, 0, 7] {
        let harness = everything()
            .config(json!({"priority": priority}))
            .patch_cluster(&json!({"cni": {"name": "calico"}}));
        write(&sandbox, harness);
        sandbox.run("nft -f ruleset.nft && nft -f ruleset.nft");
    }
}

#[test]
fn routes_to_pods_load_for_every_cni() {
    let Some(sandbox) = Sandbox::new("pod_routes", &["nft"]) else {
        return;
    };
    for cni in ["cilium", "calico"] {
        let route = PodRoute {
            interface: "wg0".to_owned(),
            range: "10.100.0.0/24".parse().expect("a range"),
            purpose: "pods".to_owned(),
        };
        let rendered = Harness::<Nftables>::homelab()
            .patch_cluster(&json!({"cni": {"name": cni}}))
            .fact("wireguard", FactScope::Cluster, &route)
            .render();
        let ruleset = rendered.file("pi-1", RULESET);
        assert!(ruleset.contains("iifname \"wg0\" ip saddr 10.100.0.0/24"));
        sandbox.write("ruleset.nft", ruleset);
        sandbox.run("nft -f ruleset.nft && nft -f ruleset.nft");
    }
}

/// What nft itself does not refuse, the loader does: a file that was cut
/// between two statements would take the firewall away.
#[test]
fn a_file_that_was_cut_short_anywhere_is_refused_and_changes_nothing() {
    let Some(sandbox) = Sandbox::new("truncated", &["nft"]) else {
        return;
    };
    write(&sandbox, everything());
    sandbox.run(
        "bash nft-load ruleset.nft
        nft -s list ruleset >before
        lines=$(wc -l <ruleset.nft)
        for line in $(seq 0 $((lines - 1))); do
            head -n $line ruleset.nft >cut.nft
            if bash nft-load cut.nft 2>errors; then echo cut after line $line; exit 1; fi
            grep -q 'end mark is missing' errors
        done
        for bytes in $(seq 2 40); do
            head --bytes=-$bytes ruleset.nft >cut.nft
            if bash nft-load cut.nft 2>errors; then echo cut by $bytes bytes; exit 1; fi
        done
        nft -s list ruleset | cmp before -",
    );
}

#[test]
fn a_file_with_an_error_is_refused_and_changes_nothing() {
    let Some(sandbox) = Sandbox::new("invalid", &["nft"]) else {
        return;
    };
    write(&sandbox, everything());
    sandbox.run(
        "bash nft-load ruleset.nft
        nft -s list ruleset >before
        sed 's/policy drop/policy nonsense/' ruleset.nft >bad.nft
        if bash nft-load bad.nft; then exit 1; fi
        nft -s list ruleset | cmp before -",
    );
}

#[test]
fn the_unit_is_valid() {
    let Some(sandbox) = Sandbox::new("unit", &["systemd-analyze"]) else {
        return;
    };
    let rendered = Harness::<Nftables>::homelab().render();
    sandbox.write("ztgit-nftables.service", rendered.file("pi-1", UNIT));
    sandbox.write("nft-load", rendered.file("pi-1", LOADER));
    let said = sandbox.run(
        "mount -t tmpfs none /usr/local/lib
        mkdir /usr/local/lib/ztgit
        install -m 0755 nft-load /usr/local/lib/ztgit
        systemd-analyze verify --man=no ./ztgit-nftables.service 2>&1",
    );
    assert_eq!(said, "");
}
