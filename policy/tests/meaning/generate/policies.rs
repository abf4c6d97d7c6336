//! Policies of the three kinds.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::parts::{
    Inside, Values, icmps, namespace_selector, peers, plain_selector, port_rule, selector,
};

/// Whether every policy is one that the agent takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Care {
    Valid,
    Careless,
}

/// A set of policies, each with a name of its own.
pub(crate) fn policies(care: Care, most: usize) -> BoxedStrategy<Vec<Value>> {
    prop::collection::vec(policy(care), 1..=most)
        .prop_map(|mut policies| {
            for (index, policy) in policies.iter_mut().enumerate() {
                policy["metadata"]["name"] = json!(format!("p{index}"));
            }
            policies
        })
        .boxed()
}

/// A policy of any kind.
pub(crate) fn policy(care: Care) -> Values {
    prop_oneof![
        4 => cilium(care, "CiliumNetworkPolicy"),
        3 => cilium(care, "CiliumClusterwideNetworkPolicy"),
        2 => kubernetes(),
    ]
    .boxed()
}

fn cilium(care: Care, kind: &'static str) -> Values {
    let body = prop_oneof![
        8 => rule(care, kind).prop_map(|rule| json!({"spec": rule})),
        1 => prop::collection::vec(rule(care, kind), 1..3).prop_map(|rules| json!({"specs": rules})),
    ];
    (body, select(vec!["a", "b"]))
        .prop_map(move |(mut object, namespace)| {
            object["apiVersion"] = json!("cilium.io/v2");
            object["kind"] = json!(kind);
            object["metadata"] = json!({"name": "p"});
            if kind == "CiliumNetworkPolicy" {
                object["metadata"]["namespace"] = json!(namespace);
            }
            object
        })
        .boxed()
}

const SECTIONS: [(&str, &str); 4] = [
    ("ingress", "from"),
    ("ingressDeny", "from"),
    ("egress", "to"),
    ("egressDeny", "to"),
];

fn rule(care: Care, kind: &'static str) -> Values {
    let section = |index: usize| {
        let (name, prefix) = SECTIONS[index];
        let entries = prop::collection::vec(entry(care, name, prefix), 1..3);
        entries.prop_map(move |entries| Map::from_iter([(name.to_owned(), json!(entries))]))
    };
    let sections = prop_oneof![
        5 => section(0),
        5 => section(2),
        2 => section(1),
        2 => section(3),
    ];
    let least = usize::from(care == Care::Valid);
    let sections = prop_oneof![
        30 => prop::collection::vec(sections.clone(), 1..3),
        1 => prop::collection::vec(sections, least..2),
    ];
    (sections, subject(care, kind), default_deny())
        .prop_map(|(sections, subject, default_deny)| {
            let mut rule: Map<String, Value> = sections.into_iter().flatten().collect();
            rule.extend(subject);
            rule.extend(default_deny);
            Value::Object(rule)
        })
        .boxed()
}

/// Mostly endpoints; nodes for clusterwide policies, and elsewhere without care.
fn subject(care: Care, kind: &str) -> BoxedStrategy<Map<String, Value>> {
    let field = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
    let endpoints = selector(care).prop_map(move |selector| field("endpointSelector", selector));
    let nodes = select(vec![json!({}), json!({"matchLabels": {"zone": "a"}})]);
    let nodes = nodes.prop_map(move |selector| field("nodeSelector", selector));
    if kind == "CiliumClusterwideNetworkPolicy" || care == Care::Careless {
        prop_oneof![12 => endpoints, 1 => nodes].boxed()
    } else {
        endpoints.boxed()
    }
}

fn default_deny() -> BoxedStrategy<Option<(String, Value)>> {
    let written = |value: Value| Some(("enableDefaultDeny".to_owned(), value));
    select(vec![
        None,
        None,
        written(json!({"ingress": false, "egress": false})),
        written(json!({"egress": false})),
        written(json!({"ingress": true})),
        written(json!({})),
    ])
    .boxed()
}

pub(crate) fn entry(care: Care, section: &'static str, prefix: &'static str) -> Values {
    let insides = match section {
        "ingress" => vec![Inside::Nothing, Inside::Http, Inside::Names],
        "egress" => vec![Inside::Nothing, Inside::Http, Inside::Dns, Inside::Names],
        _ => vec![Inside::Nothing],
    };
    let ports = prop::collection::vec(port_rule(care, insides), 1..3);
    let field = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
    let ports = ports.prop_map(move |ports| field("toPorts", json!(ports)));
    let icmps = icmps(care).prop_map(move |icmps| field("icmps", icmps));
    let what = prop_oneof![
        6 => ports,
        1 => icmps,
        3 => Just(Map::new()),
    ];
    let modes = select(vec!["required", "required", "disabled"]);
    let mode = prop::option::weighted(0.05, modes);
    let allows = section == "ingress" || section == "egress";
    (peers(care, prefix), what, mode)
        .prop_map(move |(mut peers, what, mode)| {
            peers.extend(what);
            if let Some(mode) = mode.filter(|_| allows) {
                peers.insert("authentication".to_owned(), json!({"mode": mode}));
            }
            Value::Object(peers)
        })
        .boxed()
}

fn kubernetes() -> Values {
    let types = select(vec![
        None,
        Some(json!(["Ingress"])),
        Some(json!(["Egress"])),
        Some(json!(["Ingress", "Egress"])),
    ]);
    let entries = |peers: &'static str| {
        prop::option::of(prop::collection::vec(kubernetes_entry(peers), 0..3))
    };
    (
        plain_selector(),
        entries("from"),
        entries("to"),
        types,
        select(vec!["a", "b"]),
    )
        .prop_map(|(subject, ingress, egress, types, namespace)| {
            let mut spec = json!({"podSelector": subject});
            let fields = [
                ("ingress", ingress.map(Value::from)),
                ("egress", egress.map(Value::from)),
                ("policyTypes", types),
            ];
            for (name, value) in fields {
                if let Some(value) = value {
                    spec[name] = value;
                }
            }
            json!({
                "apiVersion": "networking.k8s.io/v1",
                "kind": "NetworkPolicy",
                "metadata": {"name": "p", "namespace": namespace},
                "spec": spec,
            })
        })
        .boxed()
}

fn kubernetes_entry(peers: &'static str) -> Values {
    let peer = prop_oneof![
        plain_selector().prop_map(|pods| json!({"podSelector": pods})),
        namespace_selector().prop_map(|namespaces| json!({"namespaceSelector": namespaces})),
        (plain_selector(), namespace_selector()).prop_map(|(pods, namespaces)| {
            json!({"podSelector": pods, "namespaceSelector": namespaces})
        }),
        Just(json!({"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}})),
        Just(json!({"ipBlock": {"cidr": "0.0.0.0/0"}})),
    ];
    let port = select(vec![
        json!({"port": 80}),
        json!({"port": 53, "protocol": "UDP"}),
        json!({"protocol": "TCP"}),
        json!({"port": "http"}),
        json!({"port": 70, "endPort": 90, "protocol": "TCP"}),
        json!({}),
    ]);
    let peer = prop::option::of(prop::collection::vec(peer, 0..3));
    let port = prop::option::of(prop::collection::vec(port, 0..3));
    (peer, port)
        .prop_map(move |(list, ports)| {
            let fields = [
                (peers, list.map(Value::from)),
                ("ports", ports.map(Value::from)),
            ];
            fields
                .into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?)))
                .collect::<Map<_, _>>()
                .into()
        })
        .boxed()
}
