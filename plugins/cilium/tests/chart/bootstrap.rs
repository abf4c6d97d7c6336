//! The values of the host file, in a cluster that has nothing yet.

use serde_json::{Value, json};
use ztgit_plugin::FactScope;
use ztgit_plugin::fact::CiliumValues;

use crate::helm::charts;
use crate::homelab;

const PATH: &str = "/var/lib/rancher/k3s/server/manifests/ztgit-cilium.yaml";

#[test]
#[ignore = "fetches the chart's module"]
fn the_first_install_needs_no_kind_that_flux_brings_later() {
    for chart in charts() {
        let fact: CiliumValues =
            serde_json::from_value(json!({"values": {"gatewayAPI": {"enabled": true}}})).unwrap();
        let rendered = homelab(&chart.version)
            .fact("gateway-tls", FactScope::Cluster, &fact)
            .config(
                json!({"values": {"hubble": {"metrics": {"serviceMonitor": {"enabled": true}}}}}),
            )
            .render();
        let text = rendered.file("pi-1", PATH);
        let (_, values) = text.split_once("valuesContent: |-\n").unwrap();
        let values: Value = serde_json::from_str(values).unwrap();
        let objects = chart.rendered(&values);
        assert!(!objects.has_kind("GatewayClass"));
        assert!(!objects.has_kind("ServiceMonitor"));
        objects.assert_settings(&[
            ("enable-wireguard", Some("true")),
            ("kube-proxy-replacement", Some("true")),
            ("cluster-pool-ipv4-cidr", Some("10.42.0.0/16")),
        ]);
    }
}
