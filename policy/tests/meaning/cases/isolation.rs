use serde_json::{Value, json};
use ztgit_policy::model::{LabelSet, Policy};
use ztgit_policy::reach::{Endpoint, HostFirewall, Judge, Reason, World};
use ztgit_policy::{Agent, CiliumVersion};

use super::{ask, ask_in, clusterwide, passes, shop, tcp, world};

#[test]
fn without_policies_everything_passes() {
    let verdict = ask(&[], &tcp("web", "api", 8080));
    assert!(verdict.is_allowed());
    assert_eq!(verdict.ingress.reasons, [Reason::NoPolicy]);
}

#[test]
fn one_empty_rule_denies_everything() {
    let deny = shop(&json!({"endpointSelector": {}, "ingress": [{}], "egress": [{}]}));
    assert!(!passes(&[&deny], &tcp("web", "api", 8080)));
    assert!(!passes(&[&deny], &tcp("other", "api", 8080)));
    assert!(
        passes(&[&deny], &tcp("other", "dns", 8080)),
        "another namespace"
    );
}

#[test]
fn both_sides_have_to_allow() {
    let deny = shop(&json!({"endpointSelector": {}, "ingress": [{}], "egress": [{}]}));
    let ingress = shop(&json!({
        "endpointSelector": {"matchLabels": {"app": "api"}},
        "ingress": [{"fromEndpoints": [{"matchLabels": {"app": "web"}}]}],
    }));
    let egress = shop(&json!({
        "endpointSelector": {"matchLabels": {"app": "web"}},
        "egress": [{"toEndpoints": [{"matchLabels": {"app": "api"}}]}],
    }));
    assert!(!passes(&[&deny, &ingress], &tcp("web", "api", 8080)));
    assert!(!passes(&[&deny, &egress], &tcp("web", "api", 8080)));
    assert!(passes(
        &[&deny, &ingress, &egress],
        &tcp("web", "api", 8080)
    ));
}

#[test]
fn the_reasons_name_the_rules_that_decided() {
    let allow = shop(&json!({
        "endpointSelector": {},
        "ingress": [{"fromEntities": ["world"]}, {"fromEndpoints": [{}]}],
    }));
    let verdict = ask(&[&allow], &tcp("web", "api", 8080));
    let [Reason::AllowedBy(rule)] = verdict.ingress.reasons.as_slice() else {
        panic!("{verdict:#?}");
    };
    assert_eq!(
        rule.to_string(),
        "CiliumNetworkPolicy shop/shop/spec/ingress/1"
    );
}

#[test]
fn a_deny_wins_over_every_allow() {
    let allow = clusterwide(&json!({"endpointSelector": {}, "egress": [{"toEntities": ["all"]}]}));
    let deny = clusterwide(&json!({
        "endpointSelector": {},
        "enableDefaultDeny": {"egress": false},
        "egressDeny": [{"toCIDRSet": [{"cidr": "10.0.0.0/8"}]}],
    }));
    assert!(passes(&[&allow], &tcp("web", "ten", 80)));
    assert!(!passes(&[&deny, &allow], &tcp("web", "ten", 80)));
    assert!(passes(&[&deny, &allow], &tcp("web", "internet", 80)));
}

#[test]
fn a_deny_section_isolates_unless_it_says_otherwise() {
    let deny = |default_deny: Value| {
        clusterwide(&json!({
            "endpointSelector": {},
            "enableDefaultDeny": default_deny,
            "egressDeny": [{"toCIDR": ["10.0.0.0/8"]}],
        }))
    };
    assert!(!passes(&[&deny(json!({}))], &tcp("web", "internet", 80)));
    assert!(passes(
        &[&deny(json!({"egress": false}))],
        &tcp("web", "internet", 80)
    ));
}

#[test]
fn default_deny_without_a_section_of_that_direction_denies_nothing() {
    let policy = shop(&json!({
        "endpointSelector": {},
        "enableDefaultDeny": {"ingress": true, "egress": true},
        "ingress": [{"fromEndpoints": [{}]}],
    }));
    assert!(passes(&[&policy], &tcp("web", "internet", 80)));
}

#[test]
fn the_own_host_reaches_its_pods_through_a_default_deny() {
    let deny = shop(&json!({"endpointSelector": {}, "ingress": [{}]}));
    let verdict = ask(&[&deny], &tcp("host", "api", 8080));
    assert_eq!(verdict.ingress.reasons, [Reason::OwnHost]);
    assert!(
        !passes(&[&deny], &tcp("node", "api", 8080)),
        "another node does not"
    );
}

#[test]
fn the_own_host_can_be_denied() {
    let deny = shop(&json!({
        "endpointSelector": {},
        "ingressDeny": [{"fromEntities": ["host"]}],
    }));
    assert!(!passes(&[&deny], &tcp("host", "api", 8080)));
}

#[test]
fn a_network_policy_isolates_by_its_types() {
    let network_policy = |spec: Value| {
        let object = json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "deny", "namespace": "shop"},
            "spec": spec,
        });
        Policy::read(&object).expect("a policy")
    };
    let deny = network_policy(json!({"podSelector": {}}));
    assert!(!passes(&[&deny], &tcp("other", "api", 8080)));
    assert!(
        passes(&[&deny], &tcp("web", "internet", 80)),
        "ingress is the default"
    );
    let deny = network_policy(json!({"podSelector": {}, "policyTypes": ["Egress"]}));
    assert!(!passes(&[&deny], &tcp("web", "internet", 80)));
    assert!(passes(&[&deny], &tcp("other", "api", 8080)));
}

#[test]
fn an_empty_rule_of_a_network_policy_allows_everybody() {
    let object = json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "open", "namespace": "shop"},
        "spec": {"podSelector": {}, "ingress": [{}]},
    });
    let open = Policy::read(&object).expect("a policy");
    assert!(
        passes(&[&open], &tcp("internet", "api", 8080)),
        "where Cilium's own denies everybody"
    );
}

#[test]
fn policies_of_nodes_need_the_host_firewall() {
    let policy = clusterwide(&json!({
        "nodeSelector": {},
        "ingress": [{"fromEntities": ["cluster"]}],
    }));
    let question = tcp("internet", "host", 22);
    assert!(passes(&[&policy], &question));
    let world = World {
        host_firewall: HostFirewall::On,
        ..world()
    };
    assert!(!ask_in(&world, &[&policy], &question).is_allowed());
}

#[test]
fn a_pod_without_labels_yet_is_denied_everything() {
    let mut world = world();
    let labels = LabelSet::of_reserved(["init"]);
    world
        .endpoints
        .insert("new".to_owned(), Endpoint::pod(labels));
    assert!(!ask_in(&world, &[], &tcp("new", "internet", 80)).is_allowed());
}

#[test]
fn nobody_answers_for_somebody_unknown() {
    let world = world();
    let judge = Judge::new(&world, &[], &Agent::new(CiliumVersion::new(1, 20)));
    assert_eq!(judge.ask(&tcp("web", "nobody", 80)), None);
}
