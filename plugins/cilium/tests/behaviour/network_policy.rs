//! Kubernetes' own policies in the place of Cilium's.

use serde_json::{Value, json};
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin::{Phase, Place};
use ztgit_plugin_cilium::Cilium;

use crate::stack::{
    assert_agents_take, between, frontend_to_api, homelab, tcp, with_flow, workload,
};

fn plain(harness: Harness<Cilium>) -> Harness<Cilium> {
    harness.config(json!({"policy": "networkpolicy", "denyMetadata": false}))
}

fn policy(rendered: &Rendered, name: &str) -> Value {
    assert_agents_take(rendered);
    rendered.object("NetworkPolicy", name)["spec"].clone()
}

/// Asserts that a flow has one thing that cannot be said, and where.
#[track_caller]
fn unsaid(flow: Value, field: &str) {
    let rendered = plain(with_flow(flow)).render();
    let findings: Vec<(&str, &Place)> = rendered
        .0
        .diagnostics
        .iter()
        .map(|finding| (finding.code.as_str(), &finding.place))
        .collect();
    let place = Place::Cluster(format!("/flows/f/{field}"));
    assert_eq!(findings, [("networkpolicy", &place)]);
}

#[test]
fn a_flow_becomes_both_halves_with_the_namespaces_of_their_peers() {
    let rendered = plain(with_flow(frontend_to_api(json!({"ports": [tcp(8080)]})))).render();
    let namespace = json!({"matchLabels": {"kubernetes.io/metadata.name": "my-app"}});
    let ports = json!([{"port": 8080, "protocol": "TCP"}]);
    assert_eq!(
        policy(&rendered, "f.egress"),
        json!({
            "podSelector": {"matchLabels": {"app": "my-frontend"}},
            "policyTypes": ["Egress"],
            "egress": [{
                "to": [{"namespaceSelector": namespace, "podSelector": {"matchLabels": {"app": "my-api"}}}],
                "ports": ports,
            }],
        })
    );
    assert_eq!(
        policy(&rendered, "f.ingress"),
        json!({
            "podSelector": {"matchLabels": {"app": "my-api"}},
            "policyTypes": ["Ingress"],
            "ingress": [{
                "from": [{"namespaceSelector": namespace, "podSelector": {"matchLabels": {"app": "my-frontend"}}}],
                "ports": ports,
            }],
        })
    );
}

#[test]
fn no_policy_of_cilium_is_left() {
    let rendered = plain(homelab()).render();
    assert!(
        rendered
            .manifests()
            .all(|m| m.object.group() != "cilium.io")
    );
}

#[test]
fn an_enforced_namespace_has_its_deny_and_its_look_ups() {
    let rendered = plain(homelab()).render();
    assert_eq!(
        policy(&rendered, "zt-default-deny"),
        json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
    );
    assert_eq!(
        policy(&rendered, "zt-allow-dns")["egress"][0]["ports"],
        json!([{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}])
    );
}

#[test]
fn everything_comes_in_the_last_phase_because_everything_refuses() {
    for manifest in plain(homelab()).render().manifests() {
        if manifest.object.kind() == "NetworkPolicy" {
            assert_eq!(manifest.phase, Phase::Enforce, "{}", manifest.object.name());
        }
    }
}

#[test]
fn an_audited_namespace_gets_nothing_and_is_told() {
    let rendered = plain(homelab())
        .patch_cluster(&json!({"namespaces": {"my-app": {"mode": "audit"}}}))
        .render();
    assert!(
        rendered
            .manifests()
            .all(|m| m.object.kind() != "NetworkPolicy")
    );
    assert_eq!(rendered.0.diagnostics[0].code, "networkpolicy-audit");
}

#[test]
fn each_thing_without_words_is_one_finding_at_its_place() {
    let more = |more: Value| {
        let mut flow = frontend_to_api(more);
        flow["ports"] = json!([tcp(8080)]);
        flow
    };
    unsaid(more(json!({"http": [{"path": "/"}]})), "http");
    unsaid(
        more(json!({"serverNames": ["api.example.com"]})),
        "serverNames",
    );
    unsaid(more(json!({"action": "deny"})), "action");
    unsaid(frontend_to_api(json!({"icmp": [{"type": 8}]})), "icmp");
    unsaid(
        between("api", json!({"fqdn": "api.github.com"}), json!({})),
        "to",
    );
    unsaid(
        between("api", json!({"entity": "kube-apiserver"}), json!({})),
        "to",
    );
    unsaid(
        json!({"from": {"entity": "gateway"}, "to": workload("api")}),
        "from",
    );
    unsaid(
        json!({"from": {"nodes": {}}, "to": workload("api")}),
        "from",
    );
}

#[test]
fn a_service_account_is_left_out_with_a_warning() {
    let account =
        json!({"namespaces": {"my-app": {"workloads": {"api": {"serviceAccount": "api"}}}}});
    let rendered = plain(homelab()).patch_cluster(&account).render();
    assert_eq!(rendered.warnings(), ["networkpolicy-account"]);
    assert_eq!(
        rendered.0.diagnostics[0].place,
        Place::Cluster("/namespaces/my-app/workloads/api/serviceAccount".to_owned())
    );
}

#[test]
fn the_world_is_everything_but_the_cluster_in_both_families() {
    let flow = between(
        "api",
        json!({"entity": "world"}),
        json!({"ports": [tcp(443)]}),
    );
    let rendered = plain(with_flow(flow)).render();
    assert_eq!(
        policy(&rendered, "f.egress")["egress"][0]["to"],
        json!([
            {"ipBlock": {
                "cidr": "0.0.0.0/0",
                "except": ["10.42.0.0/16", "10.43.0.0/16", "192.168.1.0/24"],
            }},
            {"ipBlock": {"cidr": "::/0"}},
        ])
    );
}

#[test]
fn a_range_around_the_metadata_service_is_cut_where_it_is_to_be_refused() {
    let range = json!({"cidr": {"range": "169.254.0.0/16"}});
    let rendered = with_flow(between("api", range, json!({})))
        .config(json!({"policy": "networkpolicy"}))
        .render();
    assert_eq!(
        policy(&rendered, "f.egress")["egress"][0]["to"],
        json!([{"ipBlock": {"cidr": "169.254.0.0/16", "except": ["169.254.169.254/32"]}}])
    );
    assert_eq!(rendered.warnings(), ["networkpolicy-metadata"]);
}

#[test]
fn what_holds_for_the_cluster_as_a_whole_is_refused() {
    let undeclared = json!({"undeclaredNamespaces": {"mode": "enforce"}});
    let rendered = plain(homelab()).patch_cluster(&undeclared).render();
    assert_eq!(rendered.errors(), ["networkpolicy-undeclared"]);
    let flux = json!({"namespaces": {"flux-system": {"mode": "enforce", "create": false}}});
    let rendered = plain(homelab()).patch_cluster(&flux).render();
    assert_eq!(rendered.errors(), ["networkpolicy-flux"]);
    let system = homelab()
        .config(json!({"policy": "networkpolicy", "denyMetadata": false, "denySystemEgress": true}))
        .render();
    assert_eq!(system.errors(), ["networkpolicy-system"]);
}
