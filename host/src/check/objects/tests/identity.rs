//! Kinds, names, namespaces, labels and annotations.

use serde_json::{Value, json};

use super::super::{Checked, UnknownKind};
use super::{NOTHING, problems, schemas};

fn config_map(metadata: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})
}

fn named(api_version: &str, kind: &str, name: &str) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}})
}

fn unknown(object: &Value) -> UnknownKind {
    match schemas().check(object) {
        Checked::Unknown(unknown) => unknown,
        Checked::Known(violations) => panic!("{violations:?}"),
    }
}

#[test]
fn a_namespaced_object_must_name_its_namespace() {
    assert_eq!(
        problems(&config_map(&json!({"name": "one"}))),
        [
            "/metadata: a ConfigMap lives in a namespace and this one names none (set \
          `metadata.namespace`)"
        ]
    );
}

#[test]
fn a_cluster_scoped_object_must_not_name_a_namespace() {
    let namespace = json!({
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo", "namespace": "demo"},
    });
    assert_eq!(
        problems(&namespace),
        [
            "/metadata/namespace: a Namespace is cluster-scoped and has no namespace (remove \
          `metadata.namespace`)"
        ]
    );
}

#[test]
fn a_name_is_required_and_a_generated_one_is_none() {
    assert_eq!(
        problems(&config_map(
            &json!({"generateName": "one-", "namespace": "demo"})
        )),
        [
            "/metadata/generateName: `generateName` makes another object at every apply (set \
             `metadata.name`)",
            "/metadata: required field `name` is missing",
        ]
    );
}

#[test]
fn metadata_is_required() {
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap"});
    assert_eq!(
        problems(&object),
        ["/metadata: required field `metadata` is missing"]
    );
}

#[test]
fn each_kind_has_its_rule_for_names() {
    assert_eq!(
        problems(&named(
            "rbac.authorization.k8s.io/v1",
            "ClusterRole",
            "system:x"
        )),
        NOTHING
    );
    assert_eq!(problems(&named("v1", "Node", "node.example.net")), NOTHING);
    assert_eq!(
        problems(&named("v1", "Namespace", "demo.net")),
        [
            "/metadata/name: \"demo.net\" is not a name of at most 63 lower-case letters, digits \
          and `-`"
        ]
    );
    assert_eq!(
        problems(&named("v1", "Node", "Node_1")),
        ["/metadata/name: \"Node_1\" is not a name of lower-case letters, digits, `-` and `.`"]
    );
}

#[test]
fn labels_and_annotations_are_strings() {
    let metadata = json!({
        "name": "one", "namespace": "demo", "labels": {"debug": true}, "annotations": {"n": 1},
    });
    assert_eq!(
        problems(&config_map(&metadata)),
        [
            "/metadata/annotations/n: expected string, found integer `1` (write \"1\" in quotes)",
            "/metadata/labels/debug: expected string, found boolean `true` (write \"true\" in \
             quotes)",
        ]
    );
}

#[test]
fn labels_and_annotations_follow_their_syntax() {
    let metadata = json!({
        "name": "one",
        "namespace": "demo",
        "labels": {"app": "a b", "-app": "", "example.com/x": "ok"},
        "annotations": {"a/b/c": "", "Example.com/x": "any text, of course"},
    });
    assert_eq!(
        problems(&config_map(&metadata)),
        [
            "/metadata/labels/-app: \"-app\" is not a key such as `name` or `example.com/name`",
            "/metadata/labels/app: \"a b\" is not the value of a label (at most 63 letters, \
             digits, `-`, `_` and `.`; first and last a letter or digit)",
            "/metadata/annotations/a~1b~1c: \"a/b/c\" is not a key such as `name` or \
             `example.com/name`",
        ]
    );
}

#[test]
fn what_a_cluster_writes_is_refused() {
    let mut object = config_map(&json!({"name": "one", "namespace": "demo", "uid": "1"}));
    object["status"] = json!({"ready": true});
    assert_eq!(
        problems(&object),
        [
            "/status: `status` is the cluster's to write (leave it out of the manifest)",
            "/metadata/uid: `uid` is the API server's to write",
        ]
    );
}

#[test]
fn a_misspelt_kind_of_kubernetes_is_a_violation() {
    assert_eq!(
        problems(&named("networking.k8s.io/v1", "NetworkPolcy", "x")),
        [
            "/kind: `networking.k8s.io/v1` has no kind `NetworkPolcy` (did you mean \
          `NetworkPolicy`?)"
        ]
    );
}

#[test]
fn an_object_without_kind_or_version_is_a_violation() {
    assert_eq!(
        problems(&json!({"kind": "Pod"})),
        [": `apiVersion` is missing or not a string"]
    );
    assert_eq!(
        problems(&json!({"apiVersion": "v1", "kind": 1})),
        [": `kind` is missing or not a string"]
    );
}

#[test]
fn a_misspelt_custom_kind_is_unknown_with_a_hint() {
    let unknown = unknown(&named("cilium.io/v2", "CiliumNetworkPolcy", "x"));
    assert_eq!(
        unknown.hint.as_deref(),
        Some("did you mean `CiliumNetworkPolicy`?")
    );
}

#[test]
fn a_kind_of_another_version_is_unknown_with_a_hint() {
    let unknown = unknown(&named(
        "autoscaling/v2beta2",
        "HorizontalPodAutoscaler",
        "x",
    ));
    assert_eq!(
        unknown.hint.as_deref(),
        Some("`HorizontalPodAutoscaler` is known in `autoscaling/v2`")
    );
}

#[test]
fn a_kind_that_another_version_has_is_not_taken_for_a_misspelt_one() {
    let object = named(
        "admissionregistration.k8s.io/v1beta1",
        "ValidatingAdmissionPolicy",
        "x",
    );
    assert_eq!(
        unknown(&object).hint.as_deref(),
        Some("`ValidatingAdmissionPolicy` is known in `admissionregistration.k8s.io/v1`")
    );
}

#[test]
fn the_metadata_of_an_unknown_kind_is_checked() {
    let object = json!({
        "apiVersion": "example.com/v1",
        "kind": "Thing",
        "metadata": {"name": "A", "label": {}},
        "spec": {"free": null},
    });
    let pointers: Vec<String> = unknown(&object)
        .violations
        .into_iter()
        .map(|violation| violation.pointer)
        .collect();
    assert_eq!(pointers, ["/metadata/name", "/metadata/label"]);
}
