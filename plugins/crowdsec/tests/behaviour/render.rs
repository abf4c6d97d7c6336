//! What the plugin renders for a cluster.

use serde_json::{Value, json};
use ztgit_plugin::fact::TrustedCidr;
use ztgit_plugin::testing::Harness;
use ztgit_plugin::{Activation, FactScope, Place};
use ztgit_plugin_crowdsec::{Config, Crowdsec};

const WHITELIST: &str = "/etc/crowdsec/parsers/s02-enrich/ztgit-whitelist.yaml";
const BOUNCER: &str = "/etc/crowdsec/bouncers/crowdsec-firewall-bouncer.yaml";
const STEP: &str = "/usr/local/lib/ztgit/install.d/40-crowdsec.sh";

/// The homelab with its VPN trusted.
pub(crate) fn homelab() -> Harness<Crowdsec> {
    Harness::homelab().fact("wireguard", FactScope::Cluster, &vpn("10.100.0.0/24"))
}

fn vpn(range: &str) -> TrustedCidr {
    TrustedCidr {
        range: range.parse().expect("a range"),
        purpose: "VPN clients".to_owned(),
    }
}

pub(crate) fn two_nodes() -> Value {
    json!({"nodes": {"pi-2": {"role": "agent", "addresses": ["192.168.1.11"]}}})
}

#[test]
fn nodes_pods_and_trusted_ranges_are_spared_and_the_local_network_is_not() {
    let rendered = homelab()
        .config(
            json!({"trusted": {"office": {"range": "203.0.113.0/24", "purpose": "head office"}}}),
        )
        .fact("mesh", FactScope::Cluster, &vpn("10.100.0.0/24"))
        .render();
    assert_eq!(
        rendered.file("pi-1", WHITELIST),
        r#"# Rendered by ztgit. Nobody in these ranges is ever banned; behind each is who
# asked for it.
name: ztgit/whitelist
description: "Ranges that the stack trusts"
whitelist:
  reason: "trusted by the stack"
  cidr:
    - "10.42.0.0/16" # pods
    - "10.100.0.0/24" # mesh: VPN clients; wireguard: VPN clients
    - "127.0.0.0/8" # loopback
    - "192.168.1.10/32" # node pi-1
    - "203.0.113.0/24" # office: head office
    - "::1/128" # loopback
"#
    );
}

#[test]
fn a_purpose_cannot_add_a_range() {
    let purpose = "VPN\n    - \"0.0.0.0/0\"".to_owned();
    let trusted = TrustedCidr {
        range: "10.9.0.0/24".parse().unwrap(),
        purpose,
    };
    let rendered = homelab()
        .fact("evil", FactScope::Cluster, &trusted)
        .render();
    let whitelist = rendered.file("pi-1", WHITELIST);
    assert!(
        !whitelist
            .lines()
            .any(|line| line.trim_start().starts_with("- \"0.0.0.0/0\""))
    );
}

#[test]
fn trusting_everybody_is_an_error_where_it_stands() {
    let trusted = json!({"trusted": {"all": {"range": "0.0.0.0/0", "purpose": "lazy"}}});
    let rendered = homelab()
        .config(trusted)
        .fact("evil", FactScope::Cluster, &vpn("::/0"))
        .render();
    assert_eq!(rendered.errors(), ["trusts-everybody", "trusts-everybody"]);
    let places: Vec<_> = rendered
        .0
        .diagnostics
        .iter()
        .map(|d| d.place.clone())
        .collect();
    assert_eq!(
        places,
        [
            Place::Config("/trusted/all/range".to_owned()),
            Place::Fact(0)
        ]
    );
}

#[test]
fn trusting_nobody_is_a_warning() {
    assert_eq!(
        Harness::<Crowdsec>::homelab().render().warnings(),
        ["trusts-nobody"]
    );
    assert_eq!(homelab().render().warnings(), [""; 0]);
}

#[test]
fn bans_last_as_long_as_the_stack_says() {
    let rendered = homelab().config(json!({"banDuration": "90m"})).render();
    let profiles = rendered.file("pi-1", "/etc/crowdsec/profiles.yaml.local");
    assert_eq!(profiles.matches("duration: 90m\n").count(), 2);
    assert_eq!(profiles.matches("on_success: break\n").count(), 2);
}

#[test]
fn the_bouncer_of_debian_has_neither_priority_nor_hooks() {
    let rendered = homelab().render();
    let bouncer = rendered.file("pi-1", BOUNCER);
    assert!(bouncer.contains("mode: nftables\ndaemonize: true\n"));
    assert!(!bouncer.contains("priority") && !bouncer.contains("nftables_hooks"));
}

#[test]
fn the_current_bouncer_comes_before_the_hosts_own_chains() {
    let rendered = homelab().config(json!({"bouncer": "current"})).render();
    let bouncer = rendered.file("pi-1", BOUNCER);
    assert_eq!(bouncer.matches("    priority: -10\n").count(), 2);
    assert!(bouncer.contains("nftables_hooks:\n  - input\n  - forward\n"));
    assert!(!bouncer.contains("daemonize"));
}

#[test]
fn no_file_has_a_secret() {
    for file in homelab().render().files() {
        let text = String::from_utf8_lossy(&file.content).into_owned();
        let key = text
            .lines()
            .find(|line| line.trim_start().starts_with("api_key:"));
        assert_eq!(key, None, "{}", file.path);
        for secret in ["-----BEGIN", "PrivateKey", "password:"] {
            assert!(!text.contains(secret), "{} has {secret}", file.path);
        }
    }
}

#[test]
fn no_file_has_a_key_and_the_bouncers_is_for_root_alone() {
    let rendered = homelab().render();
    let bouncer = rendered
        .files()
        .find(|file| file.path == BOUNCER)
        .expect("it is rendered");
    assert_eq!(bouncer.mode, 0o600);
    assert!(!rendered.file("pi-1", BOUNCER).contains("api_key"));
    assert!(
        rendered
            .files()
            .all(|file| !file.path.ends_with(".yaml.local")
                || !String::from_utf8_lossy(&file.content).contains("key"))
    );
}

#[test]
fn a_changed_file_restarts_what_reads_it() {
    let rendered = homelab().render();
    for file in rendered.files() {
        let unit = match file.path.as_str() {
            BOUNCER => "crowdsec-firewall-bouncer.service",
            STEP => {
                assert_eq!(file.activation, [], "people run it");
                continue;
            }
            _ => "crowdsec.service",
        };
        assert_eq!(
            file.activation,
            [Activation::Restart(unit.to_owned())],
            "{}",
            file.path
        );
    }
}

#[test]
fn every_node_gets_every_file() {
    let one = homelab().render().files().count();
    assert_eq!(
        homelab()
            .patch_cluster(&two_nodes())
            .render()
            .files()
            .count(),
        2 * one
    );
}

#[test]
fn the_step_has_the_collections_of_the_stack() {
    let collections = json!({"crowdsecurity/linux": false, "crowdsecurity/nginx": true});
    let rendered = homelab()
        .config(json!({"collections": collections}))
        .render();
    assert!(
        rendered.file("pi-1", STEP).contains(
            "readonly collections=(\n    crowdsecurity/nginx\n    crowdsecurity/sshd\n)\n"
        )
    );
}

#[test]
fn settings_that_crowdsec_would_misread_are_refused() {
    for config in [
        json!({"bouncer": "nftable"}),
        json!({"banDuration": "7d"}),
        json!({"banDuration": "0h"}),
        json!({"banDuration": "4 h"}),
        json!({"collections": {"sshd": true}}),
        json!({"collections": {"a/$(reboot)": true}}),
        json!({"collections": {"-o/x": true}}),
        json!({"sshUnit": "ssh"}),
        json!({"sshUnit": "ssh.service\n"}),
        json!({"trusted": {"office": {"range": "203.0.113.1/24", "purpose": "host bits"}}}),
        json!({"banduration": "4h"}),
        json!({"logs": {"gateway": {"journald": {"unit": "x.service", "format": "syslog"}}}}),
        json!({"logs": {"gateway": {"file": {"path": "/var/log/x", "format": "envoy", "mode": "tail"}}}}),
    ] {
        assert!(
            serde_json::from_value::<Config>(config.clone()).is_err(),
            "{config}"
        );
    }
}
