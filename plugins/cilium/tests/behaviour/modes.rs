//! One change of the stack, and what changes with it: on random stacks.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use ztgit_plugin::testing::Rendered;

use crate::stack::{assert_agents_take, homelab};

const NAMESPACES: [&str; 3] = ["one", "two", "three"];
const WORKLOADS: [&str; 3] = ["a", "b", "c"];

fn mode() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["observe", "audit", "enforce"])
}

fn pod() -> impl Strategy<Value = Value> {
    let workload = (
        prop::sample::select(&NAMESPACES[..]),
        prop::sample::select(&WORKLOADS[..]),
    )
        .prop_map(|(namespace, name)| json!({"workload": {"namespace": namespace, "name": name}}));
    let pods = prop::sample::select(&NAMESPACES[..])
        .prop_map(|namespace| json!({"pods": {"namespace": namespace}}));
    prop_oneof![3 => workload, 1 => pods]
}

fn outside() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"entity": "world"}),
        json!({"entity": "gateway"}),
        json!({"entity": "kube-apiserver"}),
        json!({"cidr": {"range": "192.0.2.0/24", "except": ["192.0.2.128/25"]}}),
        json!({"fqdn": "api.example.com"}),
        json!({"nodes": {}}),
    ])
}

fn flow() -> impl Strategy<Value = Value> {
    let to = prop_oneof![3 => pod(), 1 => outside()];
    let ports = prop::collection::vec(1_u16..=u16::MAX, 1..50);
    (pod(), to, ports, any::<bool>()).prop_map(|(from, to, ports, denied)| {
        let ports: Vec<Value> = ports.iter().map(|port| json!({"port": port})).collect();
        let action = if denied && to.get("fqdn").is_none() {
            "deny"
        } else {
            "allow"
        };
        json!({"from": from, "to": to, "ports": ports, "action": action})
    })
}

fn stack() -> impl Strategy<Value = Value> {
    let modes = prop::collection::vec(mode(), NAMESPACES.len());
    let flows = prop::collection::btree_map("f[0-9]{1,3}", flow(), 0..8);
    (modes, flows).prop_map(|(modes, flows)| {
        let namespaces: BTreeMap<&str, Value> = NAMESPACES
            .into_iter()
            .zip(modes)
            .map(|(name, mode)| {
                let workloads: BTreeMap<&str, Value> = WORKLOADS
                    .into_iter()
                    .map(|workload| (workload, json!({"labels": {"app": workload}})))
                    .collect();
                (
                    name,
                    json!({"mode": mode, "create": true, "workloads": workloads}),
                )
            })
            .collect();
        json!({"namespaces": namespaces, "flows": flows})
    })
}

fn render(patch: &Value) -> Rendered {
    homelab().patch_cluster(patch).render()
}

/// Every object by where it lies in the repository, as text.
fn objects(rendered: &Rendered) -> BTreeMap<String, String> {
    rendered
        .manifests()
        .map(|manifest| {
            let object = &manifest.object;
            let place = format!(
                "{}/{}/{}-{}",
                manifest.phase.name(),
                object.namespace().unwrap_or("_cluster"),
                object.kind(),
                object.name()
            );
            (place, object.clone().into_value().to_string())
        })
        .collect()
}

/// Places whose objects are not the same in both.
fn changed(before: &Rendered, after: &Rendered) -> Vec<String> {
    let (before, after) = (objects(before), objects(after));
    let places: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    places
        .into_iter()
        .filter(|place| before.get(*place) != after.get(*place))
        .cloned()
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(40)
    })]

    #[test]
    fn agents_take_every_policy_of_a_random_stack(stack in stack()) {
        assert_agents_take(&render(&stack));
    }

    #[test]
    fn a_flow_more_adds_its_own_policies_and_changes_no_other(stack in stack(), flow in flow()) {
        // A Gateway at an end brings the Gateway's own policy along.
        prop_assume!(flow["to"].get("entity") != Some(&json!("gateway")));
        let mut more = stack.clone();
        more["flows"]["new"] = flow;
        for place in changed(&render(&stack), &render(&more)) {
            prop_assert!(
                place.ends_with("-new.egress") || place.ends_with("-new.ingress"),
                "{}", place
            );
        }
    }

    #[test]
    fn a_namespace_moved_to_enforce_adds_what_denies_in_it(stack in stack()) {
        let set = |mode: &str| {
            let mut stack = stack.clone();
            stack["namespaces"]["one"]["mode"] = json!(mode);
            render(&stack)
        };
        let (audit, enforce) = (set("audit"), set("enforce"));
        let changed = changed(&audit, &enforce);
        prop_assert!(changed.contains(&"enforce/one/CiliumNetworkPolicy-zt-default-deny".to_owned()));
        for place in &changed {
            prop_assert!(place.starts_with("enforce/one/"), "{}", place);
            prop_assert!(!objects(&audit).contains_key(place), "{}", place);
        }
    }

    #[test]
    fn nothing_outside_the_last_phase_refuses_anything(stack in stack()) {
        for manifest in render(&stack).manifests().filter(|m| m.phase.name() != "enforce") {
            let object = &manifest.object;
            prop_assert_eq!(object.at("/spec/ingressDeny"), None);
            prop_assert_eq!(object.at("/spec/egressDeny"), None);
            if object.group() == "cilium.io" {
                prop_assert_eq!(
                    object.at("/spec/enableDefaultDeny"),
                    Some(&json!({"ingress": false, "egress": false}))
                );
            }
        }
    }
}

#[test]
fn a_flow_between_two_audited_namespaces_is_exactly_two_policies() {
    let stack = json!({"namespaces": {"my-app": {"mode": "audit"}}});
    let mut more = stack.clone();
    more["flows"] = json!({"new": {
        "from": {"workload": {"namespace": "my-app", "name": "api"}},
        "to": {"workload": {"namespace": "my-app", "name": "frontend"}},
        "ports": [{"port": 1}],
    }});
    assert_eq!(
        changed(&render(&stack), &render(&more)),
        [
            "allow/my-app/CiliumNetworkPolicy-new.egress",
            "allow/my-app/CiliumNetworkPolicy-new.ingress",
        ]
    );
}
