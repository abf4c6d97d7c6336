//! Ports of the nodes that Cilium needs open, for the host firewall.

use ztgit_plugin::cluster::{Authentication, Protocol};
use ztgit_plugin::fact::{HostPort, HostPortSource};
use ztgit_plugin::{Cluster, Statement};

use crate::config::{Config, Encryption};
use crate::monitoring;

/// States what must be reachable. A single node talks to no other; only its
/// own relay still reaches the agent by the node's address.
pub(crate) fn state(cluster: &Cluster, config: &Config, statement: &mut Statement) {
    let mut open = |protocol, port, from: HostPortSource, purpose: &str| {
        let purpose = purpose.to_owned();
        statement.cluster(&HostPort {
            protocol,
            port,
            end_port: None,
            from,
            purpose,
        });
    };
    if cluster.nodes.len() > 1 {
        if config.encryption != Encryption::None {
            open(
                Protocol::Udp,
                51871,
                HostPortSource::Nodes,
                "cilium encryption (WireGuard)",
            );
        }
        if let Some((port, purpose)) = tunnel(config) {
            open(Protocol::Udp, port, HostPortSource::Nodes, purpose);
        }
        open(
            Protocol::Tcp,
            4240,
            HostPortSource::Nodes,
            "cilium health checks",
        );
        if authenticates(cluster) {
            open(
                Protocol::Tcp,
                4250,
                HostPortSource::Nodes,
                "cilium mutual authentication",
            );
        }
        if config.hubble.relay {
            open(
                Protocol::Tcp,
                4244,
                HostPortSource::Nodes,
                "hubble, from the relay elsewhere",
            );
        }
    }
    if config.hubble.relay {
        open(
            Protocol::Tcp,
            4244,
            HostPortSource::Pods,
            "hubble, from the relay's pod",
        );
    }
    if monitoring::wanted(cluster, config) {
        open(
            Protocol::Tcp,
            monitoring::METRICS_PORT,
            HostPortSource::Pods,
            "hubble's metrics, from Prometheus",
        );
    }
}

/// Whether a flow of the stack has agents authenticate each other.
fn authenticates(cluster: &Cluster) -> bool {
    let mut flows = cluster.flows.values();
    flows.any(|flow| flow.authentication == Authentication::Required)
}

/// The port of the tunnel between nodes, unless the stack routes natively.
fn tunnel(config: &Config) -> Option<(u16, &'static str)> {
    let value = |key: &str| config.values.get(key).and_then(|value| value.as_str());
    match (value("routingMode"), value("tunnelProtocol")) {
        (Some("native"), _) => None,
        (_, Some("geneve")) => Some((6081, "cilium tunnel (Geneve)")),
        _ => Some((8472, "cilium tunnel (VXLAN)")),
    }
}
