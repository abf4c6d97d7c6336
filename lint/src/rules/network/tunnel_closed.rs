//! Nodes cannot reach each other on the ports of the cluster's network.

use ztgit_plugin::Severity;
use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::HostPortSource;

use crate::finding::{Found, Place};
use crate::host::ports::asked;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "tunnel-closed",
    severity: Severity::Error,
    text: include_str!("tunnel_closed.md"),
    find,
};

const WIREGUARD: u16 = 51_871;
const VXLAN: u16 = 8_472;
const GENEVE: u16 = 6_081;

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let has_firewall = subject
        .files
        .iter()
        .any(|file| crate::host::is_of_type(file.path, "nft"));
    let Some((index, values)) = subject.cilium_values() else {
        return Vec::new();
    };
    if !has_firewall || subject.cluster.nodes.len() < 2 {
        return Vec::new();
    }
    let encrypted = values["encryption"]["type"] == "wireguard";
    let tunnel = match values["tunnelProtocol"].as_str() {
        _ if values["routingMode"] == "native" => None,
        Some("geneve") => Some((GENEVE, "the tunnel between nodes")),
        _ => Some((VXLAN, "the tunnel between nodes")),
    };
    let encryption = encrypted.then_some((WIREGUARD, "the encryption between nodes"));
    tunnel
        .into_iter()
        .chain(encryption)
        .filter(|(port, _)| !is_open(subject, *port))
        .map(|(port, what)| {
            Found::new(
                format!("host-port/udp/{port}"),
                Place::Object(index, "/spec/values".to_owned()),
                format!("no plugin asks the firewall to open UDP {port} to the nodes, which {what} needs"),
                "let the cilium plugin take part, which asks for it, or open it in the firewall's config",
            )
        })
        .collect()
}

fn is_open(subject: &Subject<'_>, port: u16) -> bool {
    asked(subject).any(|asked| {
        let from = &asked.port.from;
        asked.covers(Protocol::Udp, port)
            && matches!(from, HostPortSource::Nodes | HostPortSource::World)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Lint;

    use ztgit_plugin::cluster::Protocol;
    use ztgit_plugin::fact::{HostPort, HostPortSource};

    fn two_nodes() -> Lint {
        Lint::homelab()
            .cluster(&json!({"nodes": {"pi-2": {"role": "agent", "addresses": ["192.168.1.11"]}}}))
            .file("pi-1", "/etc/ztgit/nftables.nft", "")
            .object(json!({
                "apiVersion": "helm.toolkit.fluxcd.io/v2",
                "kind": "HelmRelease",
                "metadata": {"name": "cilium", "namespace": "kube-system"},
                "spec": {"values": {"routingMode": "native", "encryption": {"enabled": true, "type": "wireguard"}}}
            }))
    }

    #[test]
    fn encryption_that_the_firewall_drops_is_found() {
        two_nodes().finds(super::RULE, "host-port/udp/51871");
    }

    #[test]
    fn encryption_that_it_lets_through_is_not() {
        let open = HostPort {
            protocol: Protocol::Udp,
            port: 51_871,
            end_port: None,
            from: HostPortSource::Nodes,
            purpose: "encryption".to_owned(),
        };
        two_nodes().fact("cilium", &open).passes(super::RULE);
    }
}
