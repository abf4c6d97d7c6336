//! How the Gateway is reached from outside: Cilium's values, ports of the
//! nodes, and address pools.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{CiliumValues, HostPort, HostPortSource};
use ztgit_plugin::{Cidr, Manifest, Object, Phase};

use crate::config::{Config, Exposure, GatewaySettings};

/// What Cilium has to switch on.
pub(crate) fn cilium_values(exposure: &Exposure) -> CiliumValues {
    // `create: auto` asks Helm whether the definitions are there, and misses
    // them where the chart is rendered without a cluster.
    let mut gateway_api = json!({"enabled": true, "gatewayClass": {"create": "true"}});
    let mut values = BTreeMap::new();
    match exposure {
        Exposure::HostNetwork => {
            gateway_api["hostNetwork"] = json!({"enabled": true});
            values.insert("envoy".to_owned(), privileged_ports());
        }
        Exposure::L2 { .. } => {
            values.insert("l2announcements".to_owned(), json!({"enabled": true}));
        }
        Exposure::NodeIpam => {
            values.insert("nodeIPAM".to_owned(), json!({"enabled": true}));
            values.insert("defaultLBServiceIPAM".to_owned(), "nodeipam".into());
        }
    }
    values.insert("gatewayAPI".to_owned(), gateway_api);
    CiliumValues { values }
}

/// Envoy may bind ports below 1024: its container needs the capability and its
/// process has to keep it. The list replaces the chart's own, so the chart's
/// two are in it.
fn privileged_ports() -> Value {
    json!({
        "securityContext": {
            "capabilities": {
                "keepCapNetBindService": true,
                "envoy": ["NET_ADMIN", "SYS_ADMIN", "NET_BIND_SERVICE"],
            }
        }
    })
}

/// Ports of the nodes that the world has to reach. Only sockets on the node
/// pass its firewall's input chain: traffic to a `LoadBalancer` is translated
/// before, so that a port for it would open nothing.
pub(crate) fn host_ports(exposure: &Exposure) -> Vec<HostPort> {
    match exposure {
        Exposure::HostNetwork => vec![
            host_port(80, "Gateway: redirects to HTTPS and ACME challenges"),
            host_port(443, "Gateway: HTTPS"),
        ],
        Exposure::L2 { .. } | Exposure::NodeIpam => Vec::new(),
    }
}

fn host_port(port: u16, purpose: &str) -> HostPort {
    HostPort {
        protocol: Protocol::Tcp,
        port,
        end_port: None,
        from: HostPortSource::World,
        purpose: purpose.to_owned(),
    }
}

/// The address pool and its announcement, for the Gateway's Service alone.
pub(crate) fn manifests(config: &Config) -> Vec<Manifest> {
    let Exposure::L2 { addresses } = &config.exposure else {
        return Vec::new();
    };
    [
        pool(&config.gateway, addresses),
        announcement(&config.gateway),
    ]
    .map(|object| Manifest::new(Phase::Config, object))
    .into()
}

fn pool(gateway: &GatewaySettings, addresses: &[Cidr]) -> Object {
    let blocks: Vec<_> = addresses
        .iter()
        .map(|range| json!({"cidr": range.to_string()}))
        .collect();
    Object::cluster_scoped(
        "cilium.io/v2",
        "CiliumLoadBalancerIPPool",
        &object_name(gateway),
    )
    .spec(json!({"blocks": blocks, "serviceSelector": service_of(gateway)}))
}

fn announcement(gateway: &GatewaySettings) -> Object {
    Object::cluster_scoped(
        "cilium.io/v2alpha1",
        "CiliumL2AnnouncementPolicy",
        &object_name(gateway),
    )
    .spec(json!({"loadBalancerIPs": true, "serviceSelector": service_of(gateway)}))
}

fn object_name(gateway: &GatewaySettings) -> String {
    format!("{}.{}", gateway.namespace, gateway.name)
}

/// Selects the Service that Cilium makes for the Gateway.
fn service_of(gateway: &GatewaySettings) -> Value {
    json!({
        "matchLabels": {
            "io.kubernetes.service.namespace": gateway.namespace,
            "gateway.networking.k8s.io/gateway-name": gateway.name,
        }
    })
}
