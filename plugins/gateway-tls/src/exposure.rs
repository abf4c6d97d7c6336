//! How the Gateways are reached from outside: Cilium's values, ports of the
//! nodes, address pools and their announcement.

mod bgp;
mod pool;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use ztgit_plugin::cluster::{Labels, Protocol};
use ztgit_plugin::fact::{CiliumValues, HostPort, HostPortSource};
use ztgit_plugin::{Artifact, Awaited, Cidr, Object, Phase};

use crate::config::Exposure;
use crate::gateway::Gateway;
use crate::plan::Plan;
use crate::site::Traffic;

/// What Cilium has to switch on.
pub(crate) fn cilium_values(plan: &Plan<'_>) -> CiliumValues {
    // `create: auto` asks Helm whether the definitions are there, and misses
    // them where the chart is rendered without a cluster.
    let mut gateway_api = json!({"enabled": true, "gatewayClass": {"create": "true"}});
    // Clients of gRPC agree on HTTP/2 in the TLS handshake.
    let grpc = |traffic: &Traffic<'_>| matches!(traffic, Traffic::Grpc(_));
    if plan.sites.iter().any(|site| grpc(&site.traffic)) {
        gateway_api["enableAlpn"] = true.into();
    }
    let mut values = BTreeMap::new();
    let mut enable = |name: &str| values.insert(name.to_owned(), json!({"enabled": true}));
    match &plan.config.exposure {
        Exposure::HostNetwork => {
            gateway_api["hostNetwork"] = json!({"enabled": true});
            if lowest_port(plan) < 1024 {
                values.insert("envoy".to_owned(), privileged_ports());
            }
        }
        Exposure::L2 { .. } => {
            enable("l2announcements");
        }
        Exposure::Bgp { .. } => {
            enable("bgpControlPlane");
        }
        Exposure::NodeIpam => {
            enable("nodeIPAM");
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

fn lowest_port(plan: &Plan<'_>) -> u16 {
    let ports = plan.of_cilium().flat_map(ports);
    ports.map(|(port, _)| port).min().unwrap_or(u16::MAX)
}

/// The ports of a Gateway with what listens there.
pub(crate) fn ports(gateway: &Gateway<'_>) -> [(u16, &'static str); 2] {
    let ports = gateway.settings.ports;
    [
        (
            ports.http.get(),
            "Gateway: redirects to HTTPS and ACME challenges",
        ),
        (ports.https.get(), "Gateway: HTTPS"),
    ]
}

/// Ports of the nodes that the world has to reach. Only sockets on the node
/// pass its firewall's input chain: traffic to a `LoadBalancer` is translated
/// before, so that a port for it would open nothing.
pub(crate) fn host_ports(plan: &Plan<'_>) -> Vec<HostPort> {
    match plan.config.exposure {
        Exposure::HostNetwork => {
            let ports: BTreeSet<_> = plan.of_cilium().flat_map(ports).collect();
            ports.into_iter().map(host_port).collect()
        }
        Exposure::L2 { .. } | Exposure::NodeIpam | Exposure::Bgp { .. } => Vec::new(),
    }
}

fn host_port((port, purpose): (u16, &str)) -> HostPort {
    HostPort {
        protocol: Protocol::Tcp,
        port,
        end_port: None,
        from: HostPortSource::World,
        purpose: purpose.to_owned(),
    }
}

/// The addresses that Gateways get, where they get any of their own.
pub(crate) fn addresses(exposure: &Exposure) -> &[Cidr] {
    match exposure {
        Exposure::L2 { addresses, .. } | Exposure::Bgp { addresses, .. } => addresses,
        Exposure::HostNetwork | Exposure::NodeIpam => &[],
    }
}

/// The address pool and its announcement, for the Gateways' Services alone.
pub(crate) fn artifacts(plan: &Plan<'_>) -> Vec<Artifact> {
    let mut artifacts = Vec::new();
    match &plan.config.exposure {
        Exposure::HostNetwork | Exposure::NodeIpam => {}
        Exposure::L2 {
            addresses,
            interfaces,
            nodes,
        } => {
            artifacts.extend(declared(
                "ciliuml2announcementpolicies",
                pool::announcement(plan, interfaces, nodes),
            ));
            artifacts.extend(declared(pool::PLURAL, pool::pool(plan, addresses)));
        }
        Exposure::Bgp {
            addresses,
            local_asn,
            peers,
            nodes,
        } => {
            artifacts.extend(bgp::artifacts(plan, local_asn.get(), peers, nodes));
            artifacts.extend(declared(pool::PLURAL, pool::pool(plan, addresses)));
        }
    }
    artifacts
}

/// An object of Cilium's, and its definition to wait for: Cilium's operator
/// brings it.
pub(crate) fn declared(plural: &str, object: Object) -> [Artifact; 2] {
    let awaited = Awaited {
        phase: Phase::Platform,
        api_version: "apiextensions.k8s.io/v1".to_owned(),
        kind: "CustomResourceDefinition".to_owned(),
        namespace: None,
        name: format!("{plural}.cilium.io"),
    };
    [
        awaited.into(),
        ztgit_plugin::Manifest::new(Phase::Config, object).into(),
    ]
}

/// Adds a selector of nodes, unless it is for all of them.
fn select_nodes(spec: &mut Value, nodes: &Labels) {
    if !nodes.is_empty() {
        spec["nodeSelector"] = json!({"matchLabels": nodes});
    }
}
