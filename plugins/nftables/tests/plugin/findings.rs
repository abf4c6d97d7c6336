//! What is said of configs and facts.

use serde_json::json;
use ztgit_plugin::fact::{HostPort, HostPortSource};
use ztgit_plugin::testing::Harness;
use ztgit_plugin::{FactScope, Place};
use ztgit_plugin_nftables::Nftables;

use crate::{RULESET, assert_fact_error, ranges, sound, tcp, two_nodes, vpn, with};

#[test]
fn break_glass_for_everybody_is_refused() {
    let config = json!({"ssh": {"breakGlass": ["192.168.1.0/24", "0.0.0.0/0"]}});
    let rendered = sound().config(config).render();
    assert_eq!(rendered.errors(), ["open-to-world"]);
    let place = &rendered.0.diagnostics[0].place;
    assert_eq!(*place, Place::Config("/ssh/breakGlass/1".to_owned()));
    assert!(!rendered.file("pi-1", RULESET).contains("0.0.0.0/0"));
}

#[test]
fn ssh_through_the_vpn_alone_is_a_warning_where_no_lint_rule_reads_the_rules() {
    let fact = tcp(22, vpn());
    let rendered = sound()
        .config(json!({"backend": "iptables"}))
        .fact("wireguard", FactScope::Cluster, &fact)
        .render();
    assert_eq!(rendered.warnings(), ["ssh-vpn-only"]);
}

#[test]
fn a_node_without_ssh_is_a_warning_that_names_it_likewise() {
    let first = FactScope::Nodes(vec!["pi-1".to_owned()]);
    let fact = tcp(22, ranges(&["192.168.1.0/24"], None));
    let iptables = json!({"backend": "iptables"});
    let harness = sound().config(iptables).patch_cluster(&two_nodes());
    let rendered = harness.fact("sshd", first, &fact).render();
    assert_eq!(rendered.warnings(), ["ssh-unreachable"]);
    assert_eq!(
        rendered.0.diagnostics[0].message,
        "SSH does not reach `pi-2` at all"
    );
}

#[test]
fn what_nft_loads_is_left_to_the_lint_rules() {
    let rendered = sound().config(json!({})).render();
    assert_eq!(rendered.warnings(), [""; 0]);
}

#[test]
fn an_api_server_that_pods_or_nodes_do_not_reach_is_a_warning() {
    let config = json!({"ssh": {"breakGlass": ["192.168.1.0/24"]}});
    let alone = Harness::<Nftables>::homelab()
        .config(config.clone())
        .render();
    assert_eq!(alone.warnings(), ["api-shut"]);
    let two = Harness::<Nftables>::homelab()
        .config(config)
        .patch_cluster(&two_nodes())
        .render();
    assert_eq!(two.warnings(), ["api-shut", "api-shut"]);
    assert_eq!(
        sound().patch_cluster(&two_nodes()).render().warnings(),
        [""; 0]
    );
}

#[test]
fn a_port_that_is_none_is_refused() {
    assert_fact_error(&with(&tcp(0, HostPortSource::World)), "host-port");
    let backwards = HostPort {
        end_port: Some(6),
        ..tcp(7, HostPortSource::World)
    };
    assert_fact_error(&with(&backwards), "host-port");
}

#[test]
fn an_interface_that_is_none_is_refused() {
    for name in ["wg*", "wg0\" accept #", "", "a\nb"] {
        let fact = tcp(7, ranges(&["10.100.0.0/24"], Some(name)));
        assert_fact_error(&with(&fact), "interface");
    }
}
