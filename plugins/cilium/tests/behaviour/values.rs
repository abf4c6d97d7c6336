//! The chart's values.

use serde_json::{Value, json};
use ztgit_plugin::Place;

use crate::stack::{chart_values, finding, homelab, release_values, stating, two_nodes};

fn with_config(config: Value) -> Value {
    let rendered = homelab().config(config).render();
    assert!(
        rendered.0.diagnostics.is_empty(),
        "{:?}",
        rendered.0.diagnostics
    );
    release_values(&rendered)
}

#[test]
fn on_k3s_the_agents_reach_the_api_server_through_the_nodes_own_proxy() {
    let values = with_config(json!({}));
    assert_eq!(values["k8sServiceHost"], json!("127.0.0.1"));
    assert_eq!(values["k8sServicePort"], json!(6444));
}

#[test]
fn elsewhere_the_api_servers_address_has_to_be_said() {
    let rendered = homelab()
        .patch_cluster(&json!({"distribution": "kubernetes"}))
        .render();
    assert_eq!(finding(&rendered).code, "api-server");
}

#[test]
fn pods_get_addresses_from_the_clusters_ranges() {
    let ipam = with_config(json!({}))["ipam"].clone();
    assert_eq!(
        ipam,
        json!({"mode": "cluster-pool", "operator": {
            "clusterPoolIPv4PodCIDRList": ["10.42.0.0/16"],
            "clusterPoolIPv4MaskSize": 24,
        }})
    );
}

#[test]
fn an_ipv6_range_switches_ipv6_on_and_is_cut_into_no_more_blocks_than_cilium_can() {
    let rendered = homelab()
        .patch_cluster(&json!({"network": {"podCIDRs": ["10.42.0.0/16", "fd00:42::/56"]}}))
        .render();
    let values = release_values(&rendered);
    assert_eq!(values["ipv6"], json!({"enabled": true}));
    let operator = &values["ipam"]["operator"];
    assert_eq!(
        operator["clusterPoolIPv6PodCIDRList"],
        json!(["fd00:42::/56"])
    );
    assert_eq!(operator["clusterPoolIPv6MaskSize"], json!(72));
}

#[test]
fn kube_proxy_is_replaced_and_the_data_path_is_ebpf() {
    let values = with_config(json!({}));
    assert_eq!(values["kubeProxyReplacement"], json!(true));
    assert_eq!(values["bpf"], json!({"masquerade": true}));
    assert_eq!(values["loadBalancer"], json!({"algorithm": "maglev"}));
}

#[test]
fn encryption_is_enabled_and_not_only_named() {
    let values = with_config(json!({}));
    assert_eq!(
        values["encryption"],
        json!({"enabled": true, "type": "wireguard", "nodeEncryption": false})
    );
}

#[test]
fn strict_encryption_is_written_where_each_versions_chart_reads_it() {
    let strict =
        json!({"enabled": true, "cidr": "10.42.0.0/16", "allowRemoteNodeIdentities": true});
    let at = |version: &str| {
        let rendered = homelab()
            .patch_cluster(&json!({"cni": {"version": version}}))
            .config(json!({"encryption": "strict"}))
            .render();
        release_values(&rendered)["encryption"]["strictMode"].clone()
    };
    for version in ["1.19.7", "1.20.2"] {
        assert_eq!(at(version), json!({ "egress": strict }), "{version}");
    }
}

#[test]
fn strict_encryption_of_two_ranges_is_refused() {
    let rendered = homelab()
        .patch_cluster(&json!({"network": {"podCIDRs": ["10.42.0.0/16", "10.44.0.0/16"]}}))
        .config(json!({"encryption": "strict"}))
        .render();
    assert_eq!(finding(&rendered).code, "strict-range");
}

#[test]
fn one_node_has_one_operator_and_more_have_two() {
    let one = release_values(&homelab().render());
    let two = release_values(&two_nodes().render());
    assert_eq!(one["operator"]["replicas"], json!(1));
    assert_eq!(two["operator"]["replicas"], json!(2));
}

#[test]
fn hubbles_keys_are_made_in_the_cluster() {
    let values = with_config(json!({}));
    assert_eq!(
        values["hubble"]["tls"],
        json!({"auto": {"method": "cronJob"}})
    );
}

#[test]
fn hubble_shows_what_the_config_asks_for() {
    let values = with_config(json!({"hubble": {"ui": true, "metrics": ["drop"], "export": true}}));
    assert_eq!(values["hubble"]["relay"], json!({"enabled": true}));
    assert_eq!(values["hubble"]["ui"], json!({"enabled": true}));
    assert_eq!(values["hubble"]["metrics"], json!({"enabled": ["drop"]}));
    assert_eq!(values["hubble"]["export"]["static"]["enabled"], json!(true));
}

#[test]
fn the_web_interface_without_the_relay_is_refused() {
    let rendered = homelab()
        .config(json!({"hubble": {"relay": false, "ui": true}}))
        .render();
    assert_eq!(finding(&rendered).code, "ui-without-relay");
    assert_eq!(
        finding(&rendered).place,
        Place::Config("/hubble/ui".to_owned())
    );
}

#[test]
fn other_plugins_values_are_merged_in() {
    let gateway = chart_values(json!({
        "gatewayAPI": {"enabled": true, "gatewayClass": {"create": "true"}},
        "operator": {"extraArgs": ["--a"]},
    }));
    let metrics = chart_values(json!({"gatewayAPI": {"enabled": true, "enableAlpn": true}}));
    let harness = stating(
        stating(homelab(), "gateway-tls", &gateway),
        "metrics",
        &metrics,
    );
    let rendered = harness.render();
    assert!(rendered.errors().is_empty());
    let values = release_values(&rendered);
    assert_eq!(
        values["gatewayAPI"],
        json!({"enabled": true, "enableAlpn": true, "gatewayClass": {"create": "true"}})
    );
    assert_eq!(
        values["operator"],
        json!({"replicas": 1, "rollOutPods": true, "extraArgs": ["--a"]})
    );
}

#[test]
fn two_plugins_that_disagree_are_named_with_the_key() {
    let yes = chart_values(json!({"gatewayAPI": {"hostNetwork": {"enabled": true}}}));
    let no = chart_values(json!({"gatewayAPI": {"hostNetwork": {"enabled": false}}}));
    let rendered = stating(stating(homelab(), "edge", &no), "gateway-tls", &yes).render();
    let finding = finding(&rendered);
    assert_eq!(finding.code, "values-conflict");
    for part in [
        "`edge`",
        "`gateway-tls`",
        "`gatewayAPI.hostNetwork.enabled`",
    ] {
        assert!(finding.message.contains(part), "{}", finding.message);
    }
    assert_eq!(finding.place, Place::Fact(1));
}

#[test]
fn a_plugin_cannot_undo_what_the_cluster_decides() {
    let fact = chart_values(json!({"encryption": {"enabled": false}}));
    let rendered = stating(homelab(), "metrics", &fact).render();
    assert_eq!(finding(&rendered).code, "values-conflict");
    assert!(
        finding(&rendered)
            .message
            .contains("`cilium` and `metrics`")
    );
}

#[test]
fn the_stacks_own_values_are_the_last_word() {
    let values = with_config(json!({"values": {
        "bpf": {"masquerade": false},
        "loadBalancer": null,
        "debug": {"enabled": true},
    }}));
    assert_eq!(values["bpf"], json!({"masquerade": false}));
    assert_eq!(values.get("loadBalancer"), None);
    assert_eq!(values["debug"], json!({"enabled": true}));
}

#[test]
fn overriding_what_a_plugin_needs_is_warned_of() {
    let fact = chart_values(json!({"gatewayAPI": {"enabled": true}}));
    let rendered = stating(homelab(), "gateway-tls", &fact)
        .config(json!({"values": {"gatewayAPI": {"enabled": false}}}))
        .render();
    assert_eq!(rendered.warnings(), ["values-override"]);
    assert_eq!(
        finding(&rendered).place,
        Place::Config("/values/gatewayAPI/enabled".to_owned())
    );
    assert_eq!(
        release_values(&rendered)["gatewayAPI"],
        json!({"enabled": false})
    );
}
