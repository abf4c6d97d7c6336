//! What no flow can open, and what no selector reaches.

use serde_json::{Value, json};
use ztgit_plugin::Phase;

use crate::stack::{assert_agents_take, between, homelab, policy, tcp, with_flow, workload};

fn system_pods() -> Value {
    json!({"pods": {"namespace": "kube-system", "labels": {"app": "uploader"}}})
}

fn from_system() -> Value {
    let nas = json!({"cidr": {"range": "192.168.2.50/32"}});
    json!({"from": system_pods(), "to": nas, "ports": [tcp(443)]})
}

#[test]
fn a_flow_to_the_metadata_service_is_refused_while_the_guardrail_stands() {
    let metadata = json!({"cidr": {"range": "169.254.169.254/32"}});
    let flow = between("api", metadata, json!({"ports": [tcp(80)]}));
    assert_eq!(
        with_flow(flow.clone()).render().errors(),
        ["metadata-denied"]
    );
    let without = with_flow(flow)
        .config(json!({"denyMetadata": false}))
        .render();
    assert!(without.errors().is_empty());
}

#[test]
fn where_a_connection_comes_from_is_not_the_guardrails_concern() {
    let from = json!({"cidr": {"range": "169.254.169.254/32"}});
    let flow = json!({"from": from, "to": workload("api"), "ports": [tcp(80)]});
    assert!(with_flow(flow.clone()).render().errors().is_empty());
    let plain = with_flow(flow)
        .config(json!({"policy": "networkpolicy"}))
        .render();
    assert_agents_take(&plain);
    assert_eq!(
        plain.object("NetworkPolicy", "f.ingress")["spec"]["ingress"][0]["from"],
        json!([{"ipBlock": {"cidr": "169.254.169.254/32"}}])
    );
}

#[test]
fn system_pods_are_held_to_their_baselines_on_request() {
    let rendered = homelab().config(json!({"denySystemEgress": true})).render();
    let deny = policy(&rendered, "zt-deny-system-egress");
    assert_eq!(deny["metadata"]["namespace"], json!("kube-system"));
    assert_eq!(
        deny["spec"]["enableDefaultDeny"],
        json!({"ingress": false, "egress": true})
    );
    assert_eq!(deny["spec"]["egress"], json!([{}]));
    assert_eq!(
        rendered.phase("CiliumNetworkPolicy", "zt-deny-system-egress"),
        Phase::Enforce
    );
    let names = homelab().render().names();
    assert!(
        !names
            .iter()
            .any(|name| name.ends_with("zt-deny-system-egress"))
    );
}

#[test]
fn a_flow_from_guarded_system_pods_needs_the_namespace_to_be_declared() {
    let config = json!({"denySystemEgress": true});
    let refused = with_flow(from_system()).config(config.clone()).render();
    assert_eq!(refused.errors(), ["system-flow"]);
    let declared = json!({"namespaces": {"kube-system": {"mode": "audit", "create": false}}});
    let rendered = with_flow(from_system())
        .patch_cluster(&declared)
        .config(config)
        .render();
    assert!(rendered.errors().is_empty());
    assert_eq!(
        policy(&rendered, "f.egress")["metadata"]["namespace"],
        json!("kube-system")
    );
}

#[test]
fn a_label_that_is_no_part_of_an_identity_is_refused_as_a_selector() {
    for key in [
        "pod-template-hash",
        "statefulset.kubernetes.io/pod-name",
        "kubernetes.io/x",
    ] {
        let pods = json!({"pods": {"namespace": "other", "labels": {key: "1"}}});
        let rendered = with_flow(between("api", pods, json!({}))).render();
        assert_eq!(rendered.errors(), ["label-ignored"], "{key}");
    }
    let pods = json!({"pods": {"namespace": "other", "labels": {"app.kubernetes.io/name": "x"}}});
    assert!(
        with_flow(between("api", pods, json!({})))
            .render()
            .errors()
            .is_empty()
    );
}

#[test]
fn a_label_counts_only_if_it_comes_from_kubernetes() {
    let rendered = homelab().render();
    let policy = policy(&rendered, "frontend-to-api.egress");
    let labels = policy["spec"]["endpointSelector"]["matchLabels"]
        .as_object()
        .unwrap();
    assert!(labels.keys().all(|key| key.starts_with("k8s:")));
}

#[test]
fn no_deny_by_exclusion_selects_endpoints_that_are_no_pods() {
    let rendered = homelab()
        .patch_cluster(&json!({"undeclaredNamespaces": {"mode": "enforce"}}))
        .render();
    for name in ["zt-default-deny-undeclared", "zt-deny-metadata"] {
        let expressions =
            policy(&rendered, name)["spec"]["endpointSelector"]["matchExpressions"].clone();
        assert_eq!(
            expressions[0],
            json!({"key": "k8s:io.kubernetes.pod.namespace", "operator": "Exists"}),
            "{name}"
        );
    }
}
