//! Policies read into one shape.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use ztgit_policy::model::{
    Action, Direction, LabelKey, LabelSet, PeerKind, PortMatch, Protocol, Scope, Source,
};
use ztgit_policy::{Pointer, Policy, PolicyKind};

fn cilium(spec: &Value) -> Policy {
    let object = json!({
        "apiVersion": "cilium.io/v2",
        "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "policy"},
        "spec": spec,
    });
    Policy::read(&object).expect("a policy")
}

#[test]
fn the_three_kinds_are_read_and_nothing_else() {
    let of = |version: &str, kind: &str| {
        PolicyKind::of(&json!({"apiVersion": version, "kind": kind, "metadata": {}}))
    };
    assert_eq!(
        of("cilium.io/v2", "CiliumNetworkPolicy"),
        Some(PolicyKind::CiliumNetworkPolicy)
    );
    assert_eq!(
        of("cilium.io/v2", "CiliumClusterwideNetworkPolicy"),
        Some(PolicyKind::CiliumClusterwideNetworkPolicy)
    );
    assert_eq!(
        of("networking.k8s.io/v1", "NetworkPolicy"),
        Some(PolicyKind::NetworkPolicy)
    );
    assert_eq!(of("crd.projectcalico.org/v1", "NetworkPolicy"), None);
    assert_eq!(Policy::read(&json!({"kind": "NetworkPolicy"})), None);
}

#[test]
fn a_namespaced_policy_without_a_namespace_is_in_default() {
    let policy = cilium(&json!({"endpointSelector": {}, "ingress": [{}]}));
    assert_eq!(policy.namespace.as_deref(), Some("default"));
}

#[test]
fn every_section_becomes_entries_with_their_places() {
    let policy = cilium(&json!({
        "endpointSelector": {},
        "egressDeny": [{"toEntities": ["world"]}],
        "ingress": [{}, {"fromEndpoints": [{}]}],
    }));
    let entries: Vec<_> = policy.rules[0]
        .entries
        .iter()
        .map(|entry| (entry.pointer.as_str(), entry.direction, entry.action))
        .collect();
    assert_eq!(
        entries,
        [
            ("/spec/ingress/0", Direction::Ingress, Action::Allow),
            ("/spec/ingress/1", Direction::Ingress, Action::Allow),
            ("/spec/egressDeny/0", Direction::Egress, Action::Deny),
        ]
    );
}

#[test]
fn a_section_isolates_unless_default_deny_is_off_for_it() {
    let isolates = |default_deny: Value| {
        let policy = cilium(&json!({
            "endpointSelector": {},
            "enableDefaultDeny": default_deny,
            "ingress": [{}],
            "egressDeny": [{}],
        }));
        policy.rules[0].isolates.clone()
    };
    assert_eq!(isolates(json!({})), BTreeSet::from(Direction::BOTH));
    assert_eq!(
        isolates(json!({"egress": false})),
        BTreeSet::from([Direction::Ingress])
    );
    assert_eq!(
        isolates(json!({"ingress": false, "egress": false})),
        BTreeSet::new()
    );
}

#[test]
fn keys_with_slashes_are_escaped_in_places() {
    let pointer = Pointer::root().key("metadata").key("a/b~c").index(0);
    assert_eq!(pointer.as_str(), "/metadata/a~1b~0c/0");
}

#[test]
fn who_is_meant_depends_on_which_lists_are_there() {
    let scope = |entry: Value| {
        let policy = cilium(&json!({"endpointSelector": {}, "ingress": [entry]}));
        match policy.rules[0].entries[0].scope() {
            Scope::Nobody => "nobody",
            Scope::Everybody => "everybody",
            Scope::Peers(_) => "peers",
        }
    };
    assert_eq!(scope(json!({})), "nobody");
    assert_eq!(scope(json!({"fromEndpoints": []})), "nobody");
    assert_eq!(
        scope(json!({"toPorts": [{"ports": [{"port": "80"}]}]})),
        "everybody"
    );
    assert_eq!(scope(json!({"fromEntities": ["world"]})), "peers");
    assert_eq!(
        scope(json!({"fromEntities": ["world"], "fromEndpoints": []})),
        "nobody"
    );
}

#[test]
fn both_kinds_of_policies_have_one_shape() {
    let object = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "policy", "namespace": "shop"},
        "spec": {
            "podSelector": {"matchLabels": {"app": "api"}},
            "ingress": [{"from": [{"podSelector": {}}], "ports": [{"port": 80, "endPort": 90}]}],
        },
    });
    let policy = Policy::read(&object).expect("a policy");
    let entry = &policy.rules[0].entries[0];
    assert!(entry.list(PeerKind::Kubernetes).is_some());
    let port = &entry.ports[0].ports[0];
    assert_eq!(port.matches(), Some(PortMatch::Range(80, 90)));
    assert_eq!(
        port.protocol(),
        Some(Protocol::Tcp),
        "the default of Kubernetes"
    );
    assert_eq!(port.pointer.as_str(), "/spec/ingress/0/ports/0");
}

#[test]
fn ports_are_read_as_the_agent_reads_them() {
    let read = |port: Value| {
        let policy = cilium(&json!({
            "endpointSelector": {},
            "ingress": [{"toPorts": [{"ports": [port]}]}],
        }));
        policy.rules[0].entries[0].ports[0].ports[0].matches()
    };
    assert_eq!(
        read(json!({"port": "8080"})),
        Some(PortMatch::Range(8080, 8080))
    );
    assert_eq!(read(json!({"port": "0"})), Some(PortMatch::All));
    assert_eq!(
        read(json!({"port": "010"})),
        Some(PortMatch::Range(8, 8)),
        "octal"
    );
    assert_eq!(
        read(json!({"port": "HTTP"})),
        Some(PortMatch::Named("http".to_owned()))
    );
    assert_eq!(
        read(json!({"port": "90", "endPort": 80})),
        Some(PortMatch::Range(90, 90))
    );
    assert_eq!(read(json!({"port": "70000"})), None);
}

#[test]
fn labels_have_a_source() {
    assert_eq!(LabelKey::parse("app", Source::Any).to_string(), "any:app");
    assert_eq!(
        LabelKey::parse("k8s:app", Source::Any),
        LabelKey::k8s("app")
    );
    assert_eq!(
        LabelKey::parse("reserved:host", Source::K8s),
        LabelKey::reserved("host")
    );
    let labels = LabelSet::of_pod("shop", [("app", "api")], [("team", "red")], Some("api"));
    let get = |key: &str| labels.get(&LabelKey::parse(key, Source::Any));
    assert_eq!(get("app"), Some("api"), "whatever the source");
    assert_eq!(get("reserved:app"), None);
    assert_eq!(get("k8s:io.kubernetes.pod.namespace"), Some("shop"));
    assert_eq!(get("io.cilium.k8s.namespace.labels.team"), Some("red"));
    assert_eq!(get("io.cilium.k8s.policy.serviceaccount"), Some("api"));
}
