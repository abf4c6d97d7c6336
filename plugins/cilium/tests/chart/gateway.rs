//! Gateways as the plugin gateway-tls asks for them.

use serde_json::json;
use ztgit_plugin::FactScope;
use ztgit_plugin::fact::CiliumValues;

use crate::helm::charts;
use crate::{homelab, values};

#[test]
#[ignore = "fetches the chart's module"]
fn gateways_in_the_nodes_network_may_listen_on_80_and_443() {
    for chart in charts() {
        let capabilities = ["NET_ADMIN", "SYS_ADMIN", "NET_BIND_SERVICE"];
        let fact: CiliumValues = serde_json::from_value(json!({"values": {
            "gatewayAPI": {"enabled": true, "hostNetwork": {"enabled": true}},
            "envoy": {"securityContext": {"capabilities": {
                "keepCapNetBindService": true, "envoy": capabilities,
            }}},
        }}))
        .unwrap();
        let cluster = homelab(&chart.version).fact("gateway-tls", FactScope::Cluster, &fact);
        // Helm is told nothing of Gateway API here, as before its definitions.
        let objects = chart.rendered(&values(&cluster.render()));
        objects.assert_settings(&[
            ("enable-gateway-api", Some("true")),
            ("gateway-api-hostnetwork-enabled", Some("true")),
            ("enable-l7-proxy", Some("true")),
        ]);
        assert!(objects.get("GatewayClass", "cilium").is_some());
        let envoy = objects.container("DaemonSet", "cilium-envoy");
        assert_eq!(
            envoy["securityContext"]["capabilities"]["add"],
            json!(capabilities)
        );
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn without_a_gateway_there_is_none_of_it() {
    for chart in charts() {
        let objects = chart.rendered(&values(&homelab(&chart.version).render()));
        objects.assert_settings(&[("enable-gateway-api", None)]);
        assert!(!objects.has_kind("GatewayClass"));
    }
}
