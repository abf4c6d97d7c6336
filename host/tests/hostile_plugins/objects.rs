//! Kubernetes objects that a stranger may not emit, or not so.

use serde_json::{Value, json};

use super::stage::{Stage, puppet};

fn config_map(namespace: &str, name: &str) -> Value {
    json!({"object": {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"namespace": namespace, "name": name},
        "data": {"key": "value"}
    }})
}

fn cluster_admin(metadata: &Value) -> Value {
    json!({"object": {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": metadata,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"}
    }})
}

fn emitting(grants: &Value, objects: &[Value]) -> Stage {
    puppet(grants, json!({ "objects": objects }))
}

fn in_demo() -> Value {
    json!({"namespaces": ["demo"]})
}

#[test]
pub(crate) fn an_object_in_a_namespace_that_is_not_granted_is_refused() {
    assert_eq!(
        emitting(&in_demo(), &[config_map("payments", "settings")]).beyond_grants(),
        "plugin `puppet` emits ConfigMap settings in namespace `payments`, which its grants do not cover"
    );
}

#[test]
pub(crate) fn a_cluster_role_binding_needs_a_grant_of_its_kind() {
    assert_eq!(
        emitting(&in_demo(), &[cluster_admin(&json!({"name": "owner"}))]).beyond_grants(),
        "plugin `puppet` emits ClusterRoleBinding owner, which is cluster-scoped, which its grants do not cover"
    );
}

#[test]
pub(crate) fn a_cluster_role_binding_that_names_a_granted_namespace_needs_a_grant_of_its_kind() {
    let binding = cluster_admin(&json!({"name": "owner", "namespace": "demo"}));
    assert_eq!(
        emitting(&in_demo(), &[binding]).beyond_grants(),
        "plugin `puppet` emits ClusterRoleBinding owner, which is cluster-scoped, which its grants do not cover"
    );
}

#[test]
pub(crate) fn a_plugin_cannot_redescribe_a_kind_of_kubernetes() {
    let stage = Stage::default().with("usurper", "usurper", &in_demo(), json!({}));
    assert_eq!(
        stage.beyond_grants(),
        "plugin `usurper` emits ClusterRoleBinding owner, which is cluster-scoped, which its grants do not cover"
    );
}

#[test]
pub(crate) fn a_namespace_is_the_hosts_to_emit() {
    let namespace = json!({"object": {
        "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "mine"}
    }});
    assert_eq!(
        emitting(&json!({"clusterKinds": ["*"]}), &[namespace]).faults(),
        ["plugin `puppet` emits Namespace mine itself; a namespace is asked for by a fact"]
    );
}

#[test]
pub(crate) fn an_object_may_not_climb_out_of_its_directory_by_its_name() {
    let faults = emitting(&in_demo(), &[config_map("demo", "../../../../etc/passwd")]).faults();
    assert_eq!(
        faults,
        [
            "ConfigMap ../../../../etc/passwd, /metadata/name: \"../../../../etc/passwd\" is not a name of lower-case letters, digits, `-` and `.`"
        ]
    );
}

#[test]
pub(crate) fn an_object_may_not_climb_out_of_its_directory_by_its_namespace() {
    let faults = emitting(
        &json!({"namespaces": ["*"]}),
        &[config_map("../..", "settings")],
    )
    .faults();
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("/metadata/namespace")),
        "{faults:?}"
    );
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("the segment \"..\"")),
        "{faults:?}"
    );
}

#[test]
pub(crate) fn escape_sequences_in_the_name_of_an_object_are_made_visible() {
    let faults = emitting(&in_demo(), &[config_map("demo", "\u{1b}[31mred")]).faults();
    assert!(
        faults.iter().all(|fault| !fault.contains('\u{1b}')),
        "{faults:?}"
    );
}

#[test]
pub(crate) fn escape_sequences_in_what_exceeds_a_grant_are_made_visible() {
    let message = emitting(&in_demo(), &[config_map("payments", "\u{1b}[31mred")]).beyond_grants();
    assert!(message.contains("\\u{1b}[31mred"), "{message:?}");
}

#[test]
pub(crate) fn an_object_with_a_misspelt_field_is_refused() {
    let mut object = config_map("demo", "settings");
    object["object"]["dataa"] = json!({"key": "value"});
    let faults = emitting(&in_demo(), &[object]).faults();
    assert!(
        faults.iter().any(|fault| fault.contains("dataa")),
        "{faults:?}"
    );
}

#[test]
pub(crate) fn two_plugins_that_emit_one_object_are_both_named() {
    let objects = json!({"objects": [config_map("demo", "settings")]});
    let stage = Stage::default()
        .with("first", "puppet", &in_demo(), objects.clone())
        .with("second", "puppet", &in_demo(), objects);
    assert_eq!(
        stage.faults(),
        ["ConfigMap demo/settings is emitted by `first` and by `second`"]
    );
}

#[test]
pub(crate) fn flux_substitutes_nothing_in_an_object_with_a_variable() {
    let mut object = config_map("demo", "script");
    object["object"]["data"]["key"] = json!("echo ${HOME} $$");
    let outcome = emitting(&in_demo(), &[object])
        .run()
        .map_err(|error| error.message);
    let outcome = outcome.expect("it renders").clean();
    let text = outcome.file("rendered/home/apps/puppet/demo/configmap-script.yaml");
    assert!(
        text.contains("kustomize.toolkit.fluxcd.io/substitute: disabled"),
        "{text}"
    );
    assert!(text.contains("echo ${HOME} $$"), "{text}");
}
