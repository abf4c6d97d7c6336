//! The values that the cluster and the config alone decide.

use serde_json::{Map, Value, json};
use ztgit_plugin::cluster::{Distribution, Protocol};
use ztgit_plugin::{Cidr, Cluster, Diagnostic};

use super::merge::overlay;
use crate::config::{ApiServer, Config, Encryption, Hubble};
use crate::release::{Line, Release};

/// Cilium cuts a pool into at most 2^16 blocks, one for each node.
const POOL_BITS: u8 = 16;

/// This plugin's own part of the values.
pub(crate) fn values(
    cluster: &Cluster,
    config: &Config,
    release: &Release,
) -> (Map<String, Value>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let parts = [
        data_path(cluster),
        api_server(cluster, config, &mut diagnostics),
        address_pools(cluster),
        encryption(cluster, config.encryption, release.line, &mut diagnostics),
        hubble(&config.hubble, &mut diagnostics),
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
    let mut values = json!({
        "kubeProxyReplacement": true,
        "bpf": {"masquerade": true},
        "loadBalancer": {"algorithm": "maglev"},
        // A refused look-up ends musl's search of its list; a name that does
        // not exist lets it go on.
        "dnsProxy": {"dnsRejectResponseCode": "nameError"},
        "operator": {
            "replicas": cluster.nodes.len().clamp(1, 2),
            "rollOutPods": true,
        },
        // Agents read their settings at the start only.
        "rollOutCiliumPods": true,
    });
    let mut ports = cluster.flows.values().flat_map(|flow| &flow.ports);
    if ports.any(|port| port.protocol == Protocol::Sctp) {
        // Otherwise agents refuse policies that name it.
        values["sctp"] = json!({"enabled": true});
    }
    values
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

/// Cilium's own default is 10.0.0.0/8: it ignores the cluster's pod ranges and
/// swallows most VPNs.
fn address_pools(cluster: &Cluster) -> Value {
    let (v4, v6): (Vec<Cidr>, Vec<Cidr>) =
        cluster.network.pod_cidrs.iter().partition(|r| r.is_ipv4());
    let mut operator = Map::new();
    let mut add = |family: &str, ranges: &[Cidr], least: u8, most: u8| {
        let Some(widest) = ranges.iter().map(|r| r.net().prefix_len()).min() else {
            return;
        };
        let narrowest = ranges
            .iter()
            .map(|r| r.net().prefix_len())
            .max()
            .unwrap_or(widest);
        let block = (widest + POOL_BITS).min(most).min(least.max(narrowest));
        let texts: Vec<String> = ranges.iter().map(Cidr::to_string).collect();
        operator.insert(format!("clusterPool{family}PodCIDRList"), json!(texts));
        operator.insert(format!("clusterPool{family}MaskSize"), json!(block));
    };
    add("IPv4", &v4, 24, 32);
    add("IPv6", &v6, 120, 128);
    json!({
        "ipam": {"mode": "cluster-pool", "operator": operator},
        "ipv4": {"enabled": !v4.is_empty()},
        "ipv6": {"enabled": !v6.is_empty()},
    })
}

fn encryption(
    cluster: &Cluster,
    encryption: Encryption,
    line: Line,
    diagnostics: &mut Vec<Diagnostic>,
) -> Value {
    if encryption == Encryption::None {
        return json!({"encryption": {"enabled": false}});
    }
    // `type` alone writes nothing at all, and node encryption is beta and does
    // not reach the servers.
    let mut wireguard = json!({"enabled": true, "type": "wireguard", "nodeEncryption": false});
    if encryption == Encryption::Strict {
        match strict_mode(cluster, line) {
            Ok(strict) => wireguard["strictMode"] = strict,
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    json!({ "encryption": wireguard })
}

fn strict_mode(cluster: &Cluster, line: Line) -> Result<Value, Diagnostic> {
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
    let strict = json!({"enabled": true, "cidr": range, "allowRemoteNodeIdentities": true});
    Ok(match line {
        Line::V1_19 => strict,
        Line::V1_20 => json!({ "egress": strict }),
    })
}

fn hubble(hubble: &Hubble, diagnostics: &mut Vec<Diagnostic>) -> Value {
    if hubble.ui && !hubble.relay {
        diagnostics.push(
            Diagnostic::error(
                "ui-without-relay",
                "the web interface shows what the relay collects",
            )
            .at_config(["hubble", "ui"])
            .hint("set `relay: true` beside it"),
        );
    }
    let mut values = json!({
        "enabled": true,
        "relay": {"enabled": hubble.relay},
        "ui": {"enabled": hubble.ui},
        // Certificates made by the chart would be new at every render of it;
        // a job in the cluster makes them once.
        "tls": {"auto": {"method": "cronJob"}},
    });
    if !hubble.metrics.is_empty() {
        values["metrics"] = json!({"enabled": hubble.metrics});
    }
    if hubble.export {
        values["export"] = json!({"static": {
            "enabled": true,
            "filePath": "/var/run/cilium/hubble/events.log",
        }});
    }
    json!({ "hubble": values })
}
