//! Whose chain comes first.

use serde_json::{Value, json};
use ztgit_plugin::fact::{NetfilterChain, NetfilterHook, TrustedCidr};
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin::{FactScope, Place};
use ztgit_plugin_crowdsec::Crowdsec;

/// What is said of a chain of the firewall's, under a config.
fn rendered(config: Value, hook: NetfilterHook, priority: i32) -> Rendered {
    let chain = NetfilterChain {
        hook,
        priority,
        purpose: "firewall".to_owned(),
    };
    let vpn = TrustedCidr {
        range: "10.100.0.0/24".parse().expect("a range"),
        purpose: "VPN".to_owned(),
    };
    Harness::<Crowdsec>::homelab()
        .config(config)
        .fact("nftables", FactScope::Cluster, &chain)
        .fact("wireguard", FactScope::Cluster, &vpn)
        .render()
}

fn errors(config: Value, hook: NetfilterHook, priority: i32) -> usize {
    let rendered = rendered(config, hook, priority);
    assert!(
        rendered
            .errors()
            .iter()
            .all(|code| *code == "chain-before-bouncer")
    );
    rendered.errors().len()
}

#[test]
fn the_bouncer_of_debian_wants_the_firewall_above_zero_on_input() {
    let debian = || json!({"bouncer": "debian12"});
    for (priority, expected) in [(-10, 1), (0, 1), (1, 0), (10, 0)] {
        assert_eq!(
            errors(debian(), NetfilterHook::Input, priority),
            expected,
            "{priority}"
        );
    }
    // It has no chain there.
    assert_eq!(errors(debian(), NetfilterHook::Forward, 0), 0);
}

#[test]
fn the_current_bouncer_wants_the_firewall_above_its_own_priority() {
    let current = |priority: i16| json!({"bouncer": "current", "bouncerPriority": priority});
    for hook in [NetfilterHook::Input, NetfilterHook::Forward] {
        assert_eq!(errors(json!({"bouncer": "current"}), hook, 0), 0);
        assert_eq!(errors(json!({"bouncer": "current"}), hook, -10), 1);
        assert_eq!(errors(current(-20), hook, -10), 0);
        assert_eq!(errors(current(0), hook, 0), 1);
    }
    assert_eq!(errors(current(0), NetfilterHook::Output, 0), 0);
}

#[test]
fn the_finding_names_both_settings() {
    let rendered = rendered(json!({}), NetfilterHook::Input, 0);
    let finding = &rendered.0.diagnostics[0];
    assert_eq!(finding.place, Place::Fact(0));
    assert_eq!(
        finding.message,
        "the chain of `nftables` on input at priority 0 does not come after the bouncer's at 0"
    );
    assert_eq!(
        finding.hints[0],
        "set `priority` of `nftables` above 0, such as 10"
    );
    assert!(finding.hints[1].contains("`bouncer: current`"));
}

#[test]
fn a_priority_that_the_bouncer_does_not_heed_is_an_error_where_it_stands() {
    let rendered = rendered(json!({"bouncerPriority": -10}), NetfilterHook::Input, 10);
    assert_eq!(rendered.errors(), ["fixed-priority"]);
    assert_eq!(
        rendered.0.diagnostics[0].place,
        Place::Config("/bouncerPriority".to_owned())
    );
}
