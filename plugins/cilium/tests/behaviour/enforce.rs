//! What denies.

use serde_json::{Value, json};
use ztgit_plugin::testing::Rendered;
use ztgit_plugin::{Phase, Place};

use crate::stack::{finding, homelab, policy};

fn names_in(rendered: &Rendered, phase: Phase) -> Vec<String> {
    rendered
        .manifests()
        .filter(|manifest| manifest.phase == phase && manifest.object.group() == "cilium.io")
        .map(|manifest| manifest.object.name().to_owned())
        .collect()
}

fn mode(mode: &str) -> Value {
    json!({"namespaces": {"my-app": {"mode": mode}}})
}

fn undeclared(mode: &str) -> Rendered {
    homelab()
        .patch_cluster(&json!({"undeclaredNamespaces": {"mode": mode}}))
        .render()
}

#[test]
fn an_enforced_namespace_denies_by_one_rule_that_names_nobody() {
    let deny = policy(&homelab().render(), "zt-default-deny");
    assert_eq!(deny["metadata"]["namespace"], json!("my-app"));
    let spec = &deny["spec"];
    assert_eq!(spec["endpointSelector"], json!({}));
    assert_eq!(
        spec["enableDefaultDeny"],
        json!({"ingress": true, "egress": true})
    );
    assert_eq!(spec["ingress"], json!([{}]));
    assert_eq!(spec["egress"], json!([{}]));
}

#[test]
fn moving_a_namespace_to_enforce_adds_its_deny_and_changes_nothing_else() {
    let audit = homelab().patch_cluster(&mode("audit")).render();
    let enforce = homelab().patch_cluster(&mode("enforce")).render();
    let added: Vec<_> = enforce
        .0
        .artifacts
        .iter()
        .filter(|artifact| !audit.0.artifacts.contains(artifact))
        .collect();
    assert_eq!(added.len(), 1, "{added:#?}");
    assert_eq!(enforce.0.artifacts.len(), audit.0.artifacts.len() + 1);
    assert!(names_in(&enforce, Phase::Enforce).contains(&"zt-default-deny".to_owned()));
}

#[test]
fn an_observed_namespace_has_neither_flows_nor_a_deny() {
    let rendered = homelab().patch_cluster(&mode("observe")).render();
    assert!(
        rendered
            .manifests()
            .all(|manifest| manifest.object.namespace() != Some("my-app"))
    );
}

#[test]
fn undeclared_namespaces_are_left_alone_while_observed() {
    assert_eq!(
        names_in(&undeclared("observe"), Phase::Enforce),
        ["zt-default-deny", "zt-deny-metadata"]
    );
}

#[test]
fn undeclared_namespaces_are_those_that_are_neither_declared_nor_exempt() {
    let deny = policy(&undeclared("enforce"), "zt-default-deny-undeclared");
    assert_eq!(
        deny["spec"]["endpointSelector"]["matchExpressions"][1],
        json!({
            "key": "k8s:io.kubernetes.pod.namespace",
            "operator": "NotIn",
            "values": ["flux-system", "kube-system", "my-app"],
        })
    );
    assert_eq!(
        deny["spec"]["enableDefaultDeny"],
        json!({"ingress": true, "egress": true})
    );
}

#[test]
fn auditing_undeclared_namespaces_denies_nothing_yet_in_the_same_place() {
    let rendered = undeclared("audit");
    let deny = policy(&rendered, "zt-default-deny-undeclared");
    assert_eq!(
        deny["spec"]["enableDefaultDeny"],
        json!({"ingress": false, "egress": false})
    );
    let phase = rendered.phase(
        "CiliumClusterwideNetworkPolicy",
        "zt-default-deny-undeclared",
    );
    assert_eq!(phase, Phase::Enforce);
}

#[test]
fn the_system_namespace_is_never_denied_even_if_it_is_not_exempt() {
    let rendered = homelab()
        .patch_cluster(&json!({"undeclaredNamespaces": {"mode": "enforce", "exempt": []}}))
        .render();
    let deny = policy(&rendered, "zt-default-deny-undeclared");
    let known = &deny["spec"]["endpointSelector"]["matchExpressions"][1]["values"];
    assert!(known.as_array().unwrap().contains(&json!("kube-system")));
}

#[test]
fn enforcing_the_system_namespace_is_refused() {
    let rendered = homelab()
        .patch_cluster(
            &json!({"namespaces": {"kube-system": {"mode": "enforce", "create": false}}}),
        )
        .render();
    assert_eq!(finding(&rendered).code, "enforce-system");
    assert_eq!(
        finding(&rendered).place,
        Place::Cluster("/namespaces/kube-system/mode".to_owned())
    );
}

#[test]
fn the_metadata_service_is_refused_without_denying_anything_else() {
    let deny = policy(&homelab().render(), "zt-deny-metadata");
    assert_eq!(
        deny["spec"]["enableDefaultDeny"],
        json!({"ingress": false, "egress": false})
    );
    assert_eq!(
        deny["spec"]["egressDeny"],
        json!([{"toCIDR": ["169.254.169.254/32", "fd00:ec2::254/128"]}])
    );
    let without = homelab().config(json!({"denyMetadata": false})).render();
    assert!(!names_in(&without, Phase::Enforce).contains(&"zt-deny-metadata".to_owned()));
}
