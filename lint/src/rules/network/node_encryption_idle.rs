//! Nodes are to be encrypted, and there is none that takes part.

use ztgit_plugin::Severity;
use ztgit_plugin::cluster::NodeRole;

use super::{at_value, is};
use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "node-encryption-idle",
    severity: Severity::Warning,
    text: include_str!("node_encryption_idle.md"),
    find,
};

const VALUE: &str = "/encryption/nodeEncryption";

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let cluster = subject.cluster;
    let agents = cluster.nodes_of(NodeRole::Agent).count();
    let Some((release, values)) = subject.cilium_values() else {
        return Vec::new();
    };
    if !is(values, VALUE, true) || cluster.nodes.is_empty() || agents > 0 {
        return Vec::new();
    }
    let message = "all nodes are of the control plane, and these take no part in node encryption";
    let hint = "leave `nodeEncryption` out: traffic between pods is encrypted without it";
    vec![at_value(subject, release, VALUE, message, hint)]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{RELEASE, release};
    use crate::testing::Lint;

    fn encrypted() -> Lint {
        let encryption = json!({"enabled": true, "type": "wireguard", "nodeEncryption": true});
        Lint::homelab().object(release(&json!({ "encryption": encryption })))
    }

    #[test]
    fn a_cluster_of_servers_is_found() {
        encrypted().finds(super::RULE, RELEASE);
    }

    #[test]
    fn a_cluster_with_an_agent_is_not() {
        encrypted()
            .cluster(&json!({"nodes": {"pi-2": {"role": "agent", "addresses": ["192.168.1.11"]}}}))
            .passes(super::RULE);
    }
}
