//! The iptables back-end: its files, and what the real tools make of them.

use serde_json::json;
use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{HostPort, HostPortSource};
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin::{Activation, FactScope, Plugin};
use ztgit_plugin_nftables::Nftables;
use ztgit_test_support::Sandbox;

const RULES: [&str; 2] = ["/etc/ztgit/iptables.rules", "/etc/ztgit/ip6tables.rules"];
const LOADER: &str = "/usr/local/lib/ztgit/iptables-load";
const UNIT: &str = "/etc/systemd/system/ztgit-iptables.service";

const TOOLS: [&str; 3] = ["iptables-restore", "ip6tables-restore", "mount"];

/// `/etc/ztgit` and the tools' lock are this script's own.
const IN_PLACE: &str = "
    mount -t tmpfs none /run
    mkdir -p /etc/ztgit
    mount -t tmpfs none /etc/ztgit
    cp iptables.rules ip6tables.rules /etc/ztgit
";

fn fact(protocol: Protocol, port: u16, from: HostPortSource, purpose: &str) -> HostPort {
    HostPort {
        protocol,
        port,
        end_port: None,
        from,
        purpose: purpose.to_owned(),
    }
}

/// Every kind of rule that there is.
fn everything() -> Harness<Nftables> {
    let vpn = HostPortSource::Ranges {
        ranges: vec!["10.100.0.0/24".parse().expect("a range")],
        interface: Some("wg0".to_owned()),
    };
    let several = HostPortSource::Ranges {
        ranges: ["10.0.0.0/8", "fd00:5::/64"]
            .map(|range| range.parse().expect("a range"))
            .to_vec(),
        interface: None,
    };
    let mut range = fact(Protocol::Sctp, 4000, several, "a \"strange\"\npurpose");
    range.end_port = Some(4010);
    let facts = [
        fact(Protocol::Udp, 51820, HostPortSource::World, "WireGuard"),
        fact(Protocol::Tcp, 6443, HostPortSource::Pods, "Kubernetes API"),
        fact(Protocol::Tcp, 6443, HostPortSource::Nodes, "Kubernetes API"),
        fact(Protocol::Tcp, 22, vpn, "SSH over the VPN"),
        range,
    ];
    let harness = Harness::homelab()
        .config(json!({
            "backend": "iptables",
            "ssh": {"breakGlass": ["192.168.1.0/24", "fd00:1::/64"]},
            "limits": {"sshPerMinute": 10, "pingPerSecond": 5},
        }))
        .patch_cluster(&json!({
            "network": {"podCIDRs": ["10.42.0.0/16", "fd00:42::/56"]},
            "nodes": {"pi-1": {"addresses": ["192.168.1.10", "fd00:1::10"]}},
        }));
    facts.iter().fold(harness, |harness, fact| {
        harness.fact("a-plugin", FactScope::Cluster, fact)
    })
}

fn write(sandbox: &Sandbox, rendered: &Rendered) {
    for path in RULES.into_iter().chain([LOADER, UNIT]) {
        let (_, name) = path.rsplit_once('/').expect("paths are absolute");
        sandbox.write(name, rendered.file("pi-1", path));
    }
}

#[test]
fn each_family_has_a_file() {
    let rendered = everything().render();
    assert_eq!(rendered.errors(), [""; 0]);
    let [ipv4, ipv6] = RULES.map(|path| rendered.file("pi-1", path));
    assert_eq!(ipv4, include_str!("everything-4.rules"));
    assert_eq!(ipv6, include_str!("everything-6.rules"));
}

#[test]
fn nothing_is_written_for_nft() {
    let rendered = everything().render();
    let declared = Nftables::describe().grants.host_paths;
    let paths: Vec<_> = rendered.files().map(|file| &file.path).collect();
    assert!(paths.iter().all(|path| declared.contains(path)));
    assert!(!paths.iter().any(|path| path.contains("nft-load")));
}

#[test]
fn a_change_of_either_file_reloads_the_unit() {
    let rendered = everything().render();
    let reload = [Activation::Reload("ztgit-iptables.service".to_owned())];
    for path in RULES {
        let file = rendered.files().find(|file| file.path == path).unwrap();
        assert_eq!(
            (file.mode, file.activation.as_slice()),
            (0o600, reload.as_slice())
        );
    }
}

#[test]
fn a_priority_has_no_effect_and_the_author_is_told() {
    let config = json!({
        "backend": "iptables", "priority": 20, "ssh": {"breakGlass": ["192.168.1.0/24"]},
    });
    let rendered = everything().config(config).render();
    assert_eq!(rendered.warnings(), ["priority-unused"]);
}

#[test]
fn rules_load_twice_to_the_same_effect_and_leave_other_chains_alone() {
    let Some(sandbox) = Sandbox::new("iptables_twice", &TOOLS) else {
        return;
    };
    write(&sandbox, &everything().render());
    sandbox.run(&format!(
        "{IN_PLACE}
        iptables -N CILIUM_INPUT
        iptables -I INPUT -j CILIUM_INPUT
        bash iptables-load
        iptables-save | grep -v '^#' >first
        ip6tables-save | grep -v '^#' >>first
        bash iptables-load
        iptables-save | grep -v '^#' >second
        ip6tables-save | grep -v '^#' >>second
        cmp first second
        test \"$(grep -c '^-A INPUT -j ZTGIT-INPUT' first)\" = 2
        test \"$(grep -c '^-A FORWARD -j ZTGIT-FORWARD' first)\" = 2
        grep -q '^-A INPUT -j CILIUM_INPUT' first
        grep -q 'a-plugin: a ?strange??purpose' first"
    ));
}

#[test]
fn a_file_that_was_cut_short_anywhere_is_refused_and_changes_neither_family() {
    let Some(sandbox) = Sandbox::new("iptables_truncated", &TOOLS) else {
        return;
    };
    write(&sandbox, &everything().render());
    sandbox.run(&format!(
        "{IN_PLACE}
        bash iptables-load
        {{ iptables-save; ip6tables-save; }} | grep -v '^#' >before
        sed -i 's/--dport 6443/--dport 6444/' /etc/ztgit/iptables.rules
        lines=$(wc -l <ip6tables.rules)
        for line in $(seq 0 $((lines - 1))); do
            head -n $line ip6tables.rules >/etc/ztgit/ip6tables.rules
            if bash iptables-load 2>errors; then echo cut after line $line; exit 1; fi
            grep -q 'end mark is missing' errors
        done
        for bytes in $(seq 2 40); do
            head --bytes=-$bytes ip6tables.rules >/etc/ztgit/ip6tables.rules
            if bash iptables-load 2>errors; then echo cut by $bytes bytes; exit 1; fi
        done
        {{ iptables-save; ip6tables-save; }} | grep -v '^#' | cmp before -"
    ));
}

#[test]
fn an_error_in_the_second_file_leaves_the_first_family_as_it_was() {
    let Some(sandbox) = Sandbox::new("iptables_invalid", &TOOLS) else {
        return;
    };
    write(&sandbox, &everything().render());
    sandbox.run(&format!(
        "{IN_PLACE}
        bash iptables-load
        iptables-save | grep -v '^#' >before
        sed -i 's/--dport 6443/--dport 6444/' /etc/ztgit/iptables.rules
        sed -i 's/-j DROP/-j DROP --nonsense/' /etc/ztgit/ip6tables.rules
        if bash iptables-load 2>/dev/null; then exit 1; fi
        iptables-save | grep -v '^#' | cmp before -"
    ));
}

#[test]
fn the_unit_is_valid() {
    let Some(sandbox) = Sandbox::new("iptables_unit", &["systemd-analyze"]) else {
        return;
    };
    write(&sandbox, &everything().render());
    let said = sandbox.run(
        "mount -t tmpfs none /usr/local/lib
        mkdir /usr/local/lib/ztgit
        install -m 0755 iptables-load /usr/local/lib/ztgit
        systemd-analyze verify --man=no ./ztgit-iptables.service 2>&1",
    );
    assert_eq!(said, "");
}
