//! What helm takes without a word and the plugin does not: each naive form is
//! shown to install something else than it says.

use serde_json::{Value, json};

use crate::helm::charts;
use crate::homelab;

/// The codes of what the plugin refuses of these values.
fn refused(version: &str, config: Value) -> Vec<String> {
    let rendered = homelab(version).config(config).render();
    rendered.errors().into_iter().map(str::to_owned).collect()
}

#[test]
#[ignore = "fetches the chart's module"]
fn an_encryption_type_alone_installs_a_cluster_in_the_clear() {
    for chart in charts() {
        let naive = json!({"encryption": {"type": "wireguard"}});
        chart
            .rendered(&naive)
            .assert_settings(&[("enable-wireguard", None)]);
        let config = json!({"encryption": "none", "values": naive});
        assert_eq!(refused(&chart.version, config), ["encryption-off"]);
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn pod_addresses_come_from_the_range_of_most_vpns_unless_told() {
    for chart in charts() {
        chart
            .rendered(&json!({}))
            .assert_settings(&[("cluster-pool-ipv4-cidr", Some("10.0.0.0/8"))]);
        let config = json!({"values": {"ipam": null}});
        assert_eq!(refused(&chart.version, config), ["default-pool"]);
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn a_dead_or_misspelt_key_does_nothing() {
    for chart in charts() {
        for naive in [
            json!({"hubble": {"relay": {"enable": true}}}),
            json!({"externalIPs": {"enabled": true}}),
            json!({"encryption-type": "wireguard"}),
        ] {
            let objects = chart.rendered(&naive);
            assert!(objects.get("Deployment", "hubble-relay").is_none());
            objects.assert_settings(&[("enable-wireguard", None)]);
            let config = json!({ "values": naive });
            assert_eq!(refused(&chart.version, config), ["unknown-value"]);
        }
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn helm_refuses_the_types_that_the_plugin_refuses() {
    for chart in charts() {
        for naive in [
            json!({"operator": {"replicas": "two"}}),
            json!({"debug": {"enabled": "true"}}),
            json!({"scheduling": {"mode": "random"}}),
            json!({"hubble": {"metrics": {"enabled": "drop"}}}),
        ] {
            assert!(chart.template(&naive).is_err(), "{naive}");
            let config = json!({ "values": naive });
            assert_eq!(refused(&chart.version, config), ["mistyped-value"]);
        }
    }
}
