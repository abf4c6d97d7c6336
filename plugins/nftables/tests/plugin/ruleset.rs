//! Rules: who comes in, and in which form.

use serde_json::json;
use ztgit_plugin::fact::{HostPort, HostPortSource};
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin::{FactScope, Rendering};
use ztgit_plugin_nftables::Nftables;

use crate::{RULESET, ranges, rule_of, sound, tcp, two_nodes, udp, vpn, with};

/// The facts that the homelab's plugins state, and the whole file.
#[test]
fn the_homelabs_ruleset() {
    let stated = |purpose: &str, fact: HostPort| HostPort {
        purpose: purpose.to_owned(),
        ..fact
    };
    let rendered = sound()
        .fact(
            "wireguard",
            FactScope::Cluster,
            &stated("WireGuard", udp(51820, HostPortSource::World)),
        )
        .fact(
            "wireguard",
            FactScope::Cluster,
            &stated("SSH over the VPN", tcp(22, vpn())),
        )
        .fact(
            "gateway-tls",
            FactScope::Cluster,
            &stated("HTTPS", tcp(443, HostPortSource::World)),
        )
        .fact(
            "gateway-tls",
            FactScope::Cluster,
            &stated("HTTP", tcp(80, HostPortSource::World)),
        )
        .render();
    assert_eq!(rendered.0.diagnostics, []);
    assert_eq!(
        rendered.file("pi-1", RULESET),
        include_str!("../homelab.nft")
    );
}

#[test]
fn each_source_becomes_its_match() {
    for (source, expected) in [
        (
            HostPortSource::World,
            "tcp dport 7 accept comment \"other: a test\"",
        ),
        (
            HostPortSource::Nodes,
            "ip saddr @nodes4 tcp dport 7 accept comment \"other: a test\"",
        ),
        (
            HostPortSource::Pods,
            "iifname { \"lxc*\", \"cilium_*\" } ip saddr @pods4 tcp dport 7 accept comment \"other: a test\"",
        ),
        (
            ranges(&["10.0.0.0/8"], None),
            "ip saddr 10.0.0.0/8 tcp dport 7 accept comment \"other: a test\"",
        ),
        (
            vpn(),
            "iifname \"wg0\" ip saddr 10.100.0.0/24 tcp dport 7 accept comment \"other: a test\"",
        ),
    ] {
        assert_eq!(rule_of(&with(&tcp(7, source)), 7), [expected]);
    }
}

#[test]
fn both_families_get_a_rule_each() {
    let rendered = sound()
        .patch_cluster(&json!({"nodes": {"pi-1": {"addresses": ["192.168.1.10", "fd00:1::10"]}}}))
        .fact("other", FactScope::Cluster, &tcp(7, HostPortSource::Nodes))
        .render();
    let rules = rule_of(&rendered, 7);
    assert_eq!(rules.len(), 2);
    assert!(
        rules[0].starts_with("ip saddr @nodes4 ") && rules[1].starts_with("ip6 saddr @nodes6 ")
    );
    assert!(
        rendered
            .file("pi-1", RULESET)
            .contains("\t\telements = { fd00:1::10 }\n")
    );
}

#[test]
fn a_range_of_ports_is_one_rule() {
    let rendered = with(&HostPort {
        end_port: Some(9),
        ..udp(7, HostPortSource::World)
    });
    let ruleset = rendered.file("pi-1", RULESET);
    assert!(ruleset.contains("\t\tudp dport 7-9 accept comment \"other: a test\"\n"));
}

#[test]
fn a_fact_holds_only_on_the_nodes_that_it_covers() {
    let only_second = FactScope::Nodes(vec!["pi-2".to_owned()]);
    let rendered = sound()
        .patch_cluster(&two_nodes())
        .fact("other", only_second, &tcp(7, HostPortSource::World))
        .render();
    assert!(!rendered.file("pi-1", RULESET).contains("dport 7 "));
    assert!(rendered.file("pi-2", RULESET).contains("dport 7 "));
}

#[test]
fn every_node_knows_the_addresses_of_all() {
    let rendered = sound().patch_cluster(&two_nodes()).render();
    let elements = "\t\telements = { 192.168.1.10, 192.168.1.11 }\n";
    assert!(rendered.file("pi-1", RULESET).contains(elements));
    assert!(rendered.file("pi-2", RULESET).contains(elements));
}

#[test]
fn without_cilium_pods_are_told_by_their_addresses() {
    let rendered = sound()
        .patch_cluster(&json!({"cni": {"name": "calico"}}))
        .render();
    let ruleset = rendered.file("pi-1", RULESET);
    assert!(!ruleset.contains("lxc") && !ruleset.contains("meta mark"));
    assert!(ruleset.contains("\t\tip saddr @pods4 accept\n\t\tip daddr @pods4 accept\n"));
}

#[test]
fn the_last_line_is_the_end_mark() {
    let rendered = sound().render();
    let ruleset = rendered.file("pi-1", RULESET);
    assert!(ruleset.ends_with("}\n# ztgit: end of ruleset\n"));
    assert_eq!(ruleset.matches("end of ruleset").count(), 1);
}

#[test]
fn nothing_reaches_beyond_the_own_table() {
    let rendered = sound().render();
    let ruleset = rendered.file("pi-1", RULESET);
    for word in ["flush", "destroy", "include", "ruleset\n}"] {
        assert!(!ruleset.contains(word), "{word}");
    }
}

#[test]
fn a_purpose_cannot_leave_its_comment() {
    let purpose = "x\" accept\n}\nflush ruleset #".to_owned();
    let rendered = with(&HostPort {
        purpose,
        ..tcp(7, HostPortSource::World)
    });
    let expected = "tcp dport 7 accept comment \"other: x? accept?}?flush ruleset #\"";
    assert_eq!(rule_of(&rendered, 7), [expected]);
}

#[test]
fn the_order_of_facts_does_not_matter() {
    let facts = [
        tcp(443, HostPortSource::World),
        tcp(80, HostPortSource::World),
        tcp(22, vpn()),
    ];
    let add =
        |harness: Harness<Nftables>, fact: &HostPort| harness.fact("x", FactScope::Cluster, fact);
    let Rendered(Rendering {
        artifacts: forwards,
        ..
    }) = facts.iter().fold(sound(), add).render();
    let Rendered(Rendering {
        artifacts: backwards,
        ..
    }) = facts.iter().rev().fold(sound(), add).render();
    assert_eq!(forwards, backwards);
}
