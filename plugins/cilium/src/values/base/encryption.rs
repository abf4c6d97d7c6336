//! Encryption between nodes.

use serde_json::{Value, json};
use ztgit_plugin::cluster::NodeRole;
use ztgit_plugin::{Cluster, Diagnostic};

use crate::config::{Config, Encryption};

pub(super) fn values(
    cluster: &Cluster,
    config: &Config,
    diagnostics: &mut Vec<Diagnostic>,
) -> Value {
    diagnostics.extend(node_encryption(cluster, config));
    if config.encryption == Encryption::None {
        return json!({"encryption": {"enabled": false}});
    }
    // `type` alone writes nothing at all.
    let mut wireguard = json!({
        "enabled": true,
        "type": "wireguard",
        "nodeEncryption": config.node_encryption,
    });
    if config.encryption == Encryption::Strict {
        match strict_mode(cluster) {
            Ok(strict) => wireguard["strictMode"] = strict,
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    json!({ "encryption": wireguard })
}

fn strict_mode(cluster: &Cluster) -> Result<Value, Diagnostic> {
    let mut v4 = cluster
        .network
        .pod_cidrs
        .iter()
        .filter(|range| range.is_ipv4());
    let (Some(range), None) = (v4.next(), v4.next()) else {
        return Err(Diagnostic::error(
            "strict-range",
            "strict encryption covers exactly one IPv4 range of pods",
        )
        .at_config(["encryption"])
        .hint("use `encryption: wireguard`, or a single IPv4 range in `network.podCIDRs`"));
    };
    // With a tunnel an agent meets nodes before it knows their identity.
    let egress = json!({"enabled": true, "cidr": range, "allowRemoteNodeIdentities": true});
    // 1.18 and before had these keys one level up; 1.20 reads them there no
    // more, and 1.19 writes both.
    Ok(json!({ "egress": egress }))
}

/// What node encryption does not do. Nodes that carry the control plane opt
/// out of it: their own keys travel through the API server.
fn node_encryption(cluster: &Cluster, config: &Config) -> Option<Diagnostic> {
    if !config.node_encryption {
        return None;
    }
    let message = if config.encryption == Encryption::None {
        return Some(
            Diagnostic::error(
                "node-encryption",
                "node encryption is a part of encryption, which is off",
            )
            .at_config(["nodeEncryption"])
            .hint("set `encryption: wireguard`"),
        );
    } else if cluster.nodes_of(NodeRole::Agent).next().is_none() {
        "node encryption does nothing here: control-plane nodes opt out of it, and there are no others"
    } else {
        "node encryption is beta, and control-plane nodes opt out of it"
    };
    Some(
        Diagnostic::warning("node-encryption", message)
            .at_config(["nodeEncryption"])
            .hint("leave it out: traffic between pods is encrypted without it"),
    )
}
