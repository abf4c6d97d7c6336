//! Values that are fine one by one and not together.

use serde_json::{Value, json};
use ztgit_plugin::testing::Rendered;
use ztgit_plugin::{Diagnostic, Place};

use crate::stack::{chart_values, homelab, release_values, stating, two_nodes};

fn with_values(values: Value) -> Rendered {
    homelab().config(json!({ "values": values })).render()
}

/// The finding of that code, which must be there.
fn found<'a>(rendered: &'a Rendered, code: &str) -> &'a Diagnostic {
    let all = &rendered.0.diagnostics;
    let found = all.iter().find(|d| d.code == code);
    let found = found.unwrap_or_else(|| panic!("no {code} in {all:#?}"));
    assert!(!found.hints.is_empty(), "{code} has no hint");
    found
}

fn codes(rendered: &Rendered) -> Vec<&str> {
    rendered
        .0
        .diagnostics
        .iter()
        .map(|d| d.code.as_str())
        .collect()
}

#[test]
fn an_encryption_that_is_named_but_not_enabled_is_refused() {
    let rendered = homelab()
        .config(json!({"encryption": "none", "values": {"encryption": {"type": "wireguard"}}}))
        .render();
    let finding = found(&rendered, "encryption-off");
    assert_eq!(rendered.errors(), ["encryption-off"]);
    assert_eq!(
        finding.place,
        Place::Config("/values/encryption/type".to_owned())
    );
}

#[test]
fn an_encryption_that_the_stack_switches_off_again_is_refused() {
    let rendered = with_values(json!({"encryption": {"enabled": false}}));
    assert_eq!(rendered.errors(), ["encryption-off"]);
    assert_eq!(
        codes(&homelab().config(json!({"encryption": "none"})).render()),
        [""; 0]
    );
}

#[test]
fn ztunnel_beside_wireguard_is_refused() {
    let rendered = with_values(json!({"encryption": {"type": "ztunnel"}}));
    assert_eq!(rendered.errors(), ["ztunnel"]);
}

#[test]
fn ztunnel_instead_of_wireguard_is_warned_of_as_beta() {
    let ztunnel = json!({"encryption": {"enabled": true, "type": "ztunnel"}});
    let rendered = homelab()
        .config(json!({"encryption": "none", "values": ztunnel}))
        .render();
    assert!(rendered.errors().is_empty());
    assert!(found(&rendered, "ztunnel").message.contains("beta"));
}

#[test]
fn node_encryption_on_servers_alone_is_said_to_do_nothing() {
    let rendered = homelab().config(json!({"nodeEncryption": true})).render();
    let finding = found(&rendered, "node-encryption");
    assert!(finding.message.contains("does nothing"));
    assert_eq!(finding.place, Place::Config("/nodeEncryption".to_owned()));
}

#[test]
fn node_encryption_with_agents_is_warned_of_as_beta_and_set() {
    let rendered = two_nodes().config(json!({"nodeEncryption": true})).render();
    let finding = found(&rendered, "node-encryption");
    assert!(finding.message.contains("beta") && finding.message.contains("opt out"));
    assert_eq!(
        release_values(&rendered)["encryption"]["nodeEncryption"],
        json!(true)
    );
}

#[test]
fn node_encryption_without_encryption_is_refused() {
    let rendered = homelab()
        .config(json!({"nodeEncryption": true, "encryption": "none"}))
        .render();
    assert_eq!(rendered.errors(), ["node-encryption"]);
}

#[test]
fn hubbles_keys_made_by_helm_are_warned_of() {
    let rendered = with_values(json!({"hubble": {"tls": {"auto": {"method": "helm"}}}}));
    assert_eq!(rendered.warnings(), ["hubble-keys"]);
}

#[test]
fn gateways_without_what_they_stand_on_are_refused() {
    for off in [
        json!({"kubeProxyReplacement": false}),
        json!({"l7Proxy": false}),
    ] {
        let fact = chart_values(json!({"gatewayAPI": {"enabled": true}}));
        let rendered = stating(homelab(), "gateway-tls", &fact)
            .config(json!({ "values": off }))
            .render();
        assert_eq!(rendered.errors(), ["gateway-base"], "{off}");
    }
}

#[test]
fn the_gateways_class_is_made_whatever_the_chart_sees_of_the_cluster() {
    let fact = chart_values(json!({"gatewayAPI": {"enabled": true}}));
    let rendered = stating(homelab(), "edge", &fact).render();
    assert_eq!(
        release_values(&rendered)["gatewayAPI"]["gatewayClass"],
        json!({"create": "true"})
    );
    assert_eq!(release_values(&homelab().render()).get("gatewayAPI"), None);
}

#[test]
fn gateways_in_the_nodes_network_need_all_of_envoys_capabilities() {
    let gateway = json!({"enabled": true, "hostNetwork": {"enabled": true}});
    let with = |capabilities: Value| {
        let fact = chart_values(json!({
            "gatewayAPI": gateway,
            "envoy": {"securityContext": {"capabilities": capabilities}},
        }));
        let rendered = stating(homelab(), "edge", &fact).render();
        codes(&rendered).contains(&"gateway-ports")
    };
    assert!(with(json!({})));
    assert!(with(json!({"keepCapNetBindService": true})));
    assert!(with(
        json!({"keepCapNetBindService": true, "envoy": ["NET_BIND_SERVICE"]})
    ));
    let all = ["NET_ADMIN", "SYS_ADMIN", "NET_BIND_SERVICE"];
    assert!(!with(json!({"keepCapNetBindService": true, "envoy": all})));
}

#[test]
fn gateways_that_only_the_stack_switches_on_need_their_definitions() {
    let values = json!({"gatewayAPI": {"enabled": true}});
    assert_eq!(
        with_values(values.clone()).warnings(),
        ["gateway-definitions"]
    );
    let rendered = homelab()
        .patch_cluster(&json!({"apis": {"gateway.networking.k8s.io": "v1"}}))
        .config(json!({ "values": values }))
        .render();
    assert!(rendered.warnings().is_empty());
}

#[test]
fn a_cluster_without_any_proxy_for_services_is_warned_of() {
    let rendered = with_values(json!({"kubeProxyReplacement": false}));
    assert_eq!(rendered.warnings(), ["kube-proxy"]);
}

#[test]
fn pod_addresses_out_of_the_charts_default_are_refused() {
    let rendered = with_values(json!({"ipam": null}));
    assert_eq!(rendered.errors(), ["default-pool"]);
    assert!(
        with_values(json!({"ipam": {"mode": "kubernetes"}}))
            .errors()
            .is_empty()
    );
}

#[test]
fn a_chained_network_plugin_cannot_enforce() {
    let values = json!({"cni": {"chainingMode": "aws-cni"}});
    assert_eq!(with_values(values.clone()).errors(), ["chained"]);
    let audited = homelab()
        .patch_cluster(&json!({"namespaces": {"my-app": {"mode": "audit"}}}))
        .config(json!({ "values": values }))
        .render();
    assert!(audited.errors().is_empty());
}

#[test]
fn the_clusters_audit_mode_is_warned_of_while_a_namespace_enforces() {
    let rendered = homelab().config(json!({"policyAuditMode": true})).render();
    assert_eq!(release_values(&rendered)["policyAuditMode"], json!(true));
    let finding = found(&rendered, "nothing-enforced");
    assert_eq!(finding.place, Place::Config("/policyAuditMode".to_owned()));
    assert!(finding.message.contains("DNS look-ups are still refused"));
    let by_value = with_values(json!({"policyAuditMode": true}));
    assert_eq!(
        found(&by_value, "nothing-enforced").place,
        Place::Config("/values/policyAuditMode".to_owned())
    );
}
