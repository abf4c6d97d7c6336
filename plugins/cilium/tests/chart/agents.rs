//! What the agents are told.

use serde_json::json;

use crate::helm::charts;
use crate::{homelab, values};

#[test]
#[ignore = "fetches the chart's module"]
fn the_homelab_replaces_kube_proxy_and_takes_pod_addresses_from_its_own_range() {
    for chart in charts() {
        let objects = chart.rendered(&values(&homelab(&chart.version).render()));
        objects.assert_settings(&[
            ("kube-proxy-replacement", Some("true")),
            ("enable-bpf-masquerade", Some("true")),
            ("bpf-lb-algorithm", Some("maglev")),
            ("ipam", Some("cluster-pool")),
            ("cluster-pool-ipv4-cidr", Some("10.42.0.0/16")),
            ("cluster-pool-ipv4-mask-size", Some("24")),
            ("enable-ipv6", Some("false")),
        ]);
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn agents_reach_the_api_server_through_the_nodes_own_proxy() {
    for chart in charts() {
        let objects = chart.rendered(&values(&homelab(&chart.version).render()));
        let agent = objects.container("DaemonSet", "cilium");
        let environment = agent["env"].as_array().unwrap();
        for (name, value) in [
            ("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
            ("KUBERNETES_SERVICE_PORT", "6444"),
        ] {
            let expected = json!({"name": name, "value": value});
            assert!(environment.contains(&expected), "{name}");
        }
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn traffic_between_nodes_is_encrypted_by_wireguard() {
    for chart in charts() {
        let objects = chart.rendered(&values(&homelab(&chart.version).render()));
        objects.assert_settings(&[
            ("enable-wireguard", Some("true")),
            ("enable-ipsec", None),
            ("enable-encryption-strict-mode-egress", None),
        ]);
        assert_ne!(objects.setting("encrypt-node"), Some("true"));
        let plain = homelab(&chart.version).config(json!({"encryption": "none"}));
        chart
            .rendered(&values(&plain.render()))
            .assert_settings(&[("enable-wireguard", None)]);
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn strict_encryption_drops_what_would_leave_the_clusters_range_in_the_clear() {
    for chart in charts() {
        let strict = homelab(&chart.version).config(json!({"encryption": "strict"}));
        chart.rendered(&values(&strict.render())).assert_settings(&[
            ("enable-wireguard", Some("true")),
            ("enable-encryption-strict-mode-egress", Some("true")),
            ("encryption-strict-egress-cidr", Some("10.42.0.0/16")),
            (
                "encryption-strict-egress-allow-remote-node-identities",
                Some("true"),
            ),
        ]);
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn node_encryption_is_switched_on_by_its_knob() {
    for chart in charts() {
        let nodes = homelab(&chart.version).config(json!({"nodeEncryption": true}));
        chart
            .rendered(&values(&nodes.render()))
            .assert_settings(&[("encrypt-node", Some("true"))]);
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn there_is_an_operator_for_each_of_at_most_two_nodes() {
    for chart in charts() {
        for nodes in [1, 2, 3] {
            let more: serde_json::Map<_, _> = (1..nodes)
                .map(|n| {
                    let node = json!({"role": "agent", "addresses": [format!("192.168.1.2{n}")]});
                    (format!("pi-{}", n + 1), node)
                })
                .collect();
            let cluster = homelab(&chart.version).patch_cluster(&json!({ "nodes": more }));
            let objects = chart.rendered(&values(&cluster.render()));
            let operator = objects.get("Deployment", "cilium-operator").unwrap();
            assert_eq!(operator["spec"]["replicas"], json!(nodes.min(2)));
        }
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn what_flows_and_workloads_need_reaches_the_agents() {
    for chart in charts() {
        let needy = homelab(&chart.version).patch_cluster(&json!({
            "nodes": {"pi-1": {"labels": {"disk": "ssd"}}},
            "namespaces": {"my-app": {"workloads": {"api": {"resolver": "musl"}}}},
            "flows": {
                "frontend-to-api": {"authentication": "required"},
                "signalling": {
                    "from": {"workload": {"namespace": "my-app", "name": "api"}},
                    "to": {"nodes": {"labels": {"disk": "ssd"}}},
                    "ports": [{"port": 3868, "protocol": "SCTP"}],
                },
            },
        }));
        let objects = chart.rendered(&values(&needy.render()));
        objects.assert_settings(&[
            ("enable-sctp", Some("true")),
            ("enable-node-selector-labels", Some("true")),
            ("tofqdns-dns-reject-response-code", Some("nameError")),
            ("mesh-auth-enabled", Some("true")),
            ("mesh-auth-mutual-enabled", Some("true")),
        ]);
        assert!(objects.get("StatefulSet", "spire-server").is_some());
    }
}

#[test]
#[ignore = "fetches the chart's module"]
fn the_clusters_audit_mode_reaches_the_agents() {
    for chart in charts() {
        let audited = homelab(&chart.version).config(json!({"policyAuditMode": true}));
        chart
            .rendered(&values(&audited.render()))
            .assert_settings(&[("policy-audit-mode", Some("true"))]);
        chart
            .rendered(&values(&homelab(&chart.version).render()))
            .assert_settings(&[("policy-audit-mode", None)]);
    }
}
