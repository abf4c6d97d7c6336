//! What the plugin makes of facts: rulesets, files, findings.

mod files;
mod findings;
mod ruleset;
mod settings;
mod tunnels;

use serde_json::{Value, json};
use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{HostPort, HostPortSource};
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin::{FactScope, Place};
use ztgit_plugin_nftables::Nftables;

const RULESET: &str = "/etc/ztgit/nftables.nft";

fn tcp(port: u16, from: HostPortSource) -> HostPort {
    HostPort {
        protocol: Protocol::Tcp,
        port,
        end_port: None,
        from,
        purpose: "a test".to_owned(),
    }
}

fn udp(port: u16, from: HostPortSource) -> HostPort {
    HostPort {
        protocol: Protocol::Udp,
        ..tcp(port, from)
    }
}

fn ranges(ranges: &[&str], interface: Option<&str>) -> HostPortSource {
    let ranges = ranges
        .iter()
        .map(|range| range.parse().expect("a range"))
        .collect();
    HostPortSource::Ranges {
        ranges,
        interface: interface.map(ToOwned::to_owned),
    }
}

fn vpn() -> HostPortSource {
    ranges(&["10.100.0.0/24"], Some("wg0"))
}

/// A firewall with nothing to complain about: SSH in an emergency, the API
/// for pods and nodes.
fn sound() -> Harness<Nftables> {
    Harness::homelab()
        .config(json!({"ssh": {"breakGlass": ["192.168.1.0/24"]}}))
        .fact("k3s", FactScope::Cluster, &tcp(6443, HostPortSource::Pods))
        .fact("k3s", FactScope::Cluster, &tcp(6443, HostPortSource::Nodes))
}

fn with(fact: &HostPort) -> Rendered {
    sound().fact("other", FactScope::Cluster, fact).render()
}

fn two_nodes() -> Value {
    json!({"nodes": {"pi-2": {"role": "agent", "addresses": ["192.168.1.11"]}}})
}

fn rule_of(rendered: &Rendered, port: u16) -> Vec<&str> {
    let dport = format!(" dport {port} ");
    let rules = rendered.file("pi-1", RULESET).lines().map(str::trim);
    rules
        .filter(|line| format!(" {line}").contains(&dport))
        .collect()
}

fn assert_fact_error(rendered: &Rendered, code: &str) {
    assert_eq!(rendered.errors(), [code], "{:#?}", rendered.0.diagnostics);
    let finding = &rendered.0.diagnostics[0];
    assert!(
        matches!(finding.place, Place::Fact(_)),
        "{:?}",
        finding.place
    );
    assert!(!finding.hints.is_empty());
}
