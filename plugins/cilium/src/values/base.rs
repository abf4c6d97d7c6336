//! The values that the cluster, its flows and the config alone decide.

mod addresses;
mod encryption;
mod hubble;
mod needs;

use serde_json::{Map, Value, json};
use ztgit_plugin::cluster::Distribution;
use ztgit_plugin::{Cluster, Diagnostic, Facts};

use super::merge::overlay;
use crate::config::{ApiServer, Config};
use crate::release::Release;
use needs::Needs;

/// This plugin's own part of the values.
pub(crate) fn values(
    cluster: &Cluster,
    config: &Config,
    release: &Release,
    facts: &Facts,
) -> (Map<String, Value>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let needs = Needs::of(cluster, facts);
    diagnostics.extend(needs.authentication_is_going(release.line));
    let parts = [
        data_path(cluster),
        api_server(cluster, config, &mut diagnostics),
        addresses::pools(cluster),
        encryption::values(cluster, config, &mut diagnostics),
        hubble::values(&config.hubble, &mut diagnostics),
        needs.values(),
        audit(config),
    ];
    let mut values = Map::new();
    for part in parts {
        let Value::Object(part) = part else {
            unreachable!("each part is an object")
        };
        overlay(&mut values, part);
    }
    (values, diagnostics)
}

fn data_path(cluster: &Cluster) -> Value {
    json!({
        "kubeProxyReplacement": true,
        "bpf": {"masquerade": true},
        // Consistent hashing of connections: a back-end that comes or goes
        // moves few of them. It does not keep a client at one back-end; that
        // is a Service's `sessionAffinity`.
        "loadBalancer": {"algorithm": "maglev"},
        // Two of them on one node would wait for each other's port.
        "operator": {
            "replicas": cluster.nodes.len().clamp(1, 2),
            "rollOutPods": true,
        },
        // Agents read their settings at the start only.
        "rollOutCiliumPods": true,
    })
}

fn api_server(cluster: &Cluster, config: &Config, diagnostics: &mut Vec<Diagnostic>) -> Value {
    let address = match (&config.api_server, cluster.distribution) {
        (Some(address), _) => address.clone(),
        // The load balancer of k3s's own agent: there before any CNI, and the
        // same on every node.
        (None, Distribution::K3s) => ApiServer {
            host: "127.0.0.1".to_owned(),
            port: 6444,
        },
        (None, Distribution::Kubernetes) => {
            diagnostics.push(
                Diagnostic::error(
                    "api-server",
                    "without kube-proxy the agents need an address of the API server",
                )
                .hint("set `apiServer: {host: ..., port: 6443}` in the config of cilium"),
            );
            return json!({});
        }
    };
    json!({"k8sServiceHost": address.host, "k8sServicePort": address.port})
}

fn audit(config: &Config) -> Value {
    if config.policy_audit_mode {
        json!({"policyAuditMode": true})
    } else {
        json!({})
    }
}
