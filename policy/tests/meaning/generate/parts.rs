//! Selectors, peers, ports and requests.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::Care;

pub(crate) type Values = BoxedStrategy<Value>;

/// A strategy that gives one of the values.
fn one_of(values: Vec<Value>) -> Values {
    select(values).boxed()
}

/// Mostly good values, sometimes bad ones where the caller does not care.
fn with_bad(care: Care, good: Values, bad: Vec<Value>) -> Values {
    match care {
        Care::Valid => good,
        Care::Careless => prop_oneof![30 => good, 1 => one_of(bad)].boxed(),
    }
}

/// A label selector of Cilium.
pub(crate) fn selector(care: Care) -> Values {
    let good = one_of(vec![
        json!({}),
        json!({"matchLabels": {"app": "x"}}),
        json!({"matchLabels": {"app": "y"}}),
        json!({"matchLabels": {"k8s:app": "z", "tier": "front"}}),
        json!({"matchLabels": {"any:app": "x"}}),
        json!({"matchLabels": {"k8s:io.kubernetes.pod.namespace": "a"}}),
        json!({"matchLabels": {"io.kubernetes.pod.namespace": "b", "app": "x"}}),
        json!({"matchLabels": {"k8s:io.kubernetes.pod.namespace": "kube-system"}}),
        json!({"matchLabels": {"k8s:io.cilium.k8s.namespace.labels.team": "red"}}),
        json!({"matchLabels": {"io.cilium.k8s.policy.serviceaccount": "api"}}),
        json!({"matchLabels": {"reserved:ingress": ""}}),
        json!({"matchLabels": {"reserved:health": ""}}),
        json!({"matchExpressions": [{"key": "app", "operator": "In", "values": ["x", "y"]}]}),
        json!({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["x"]}]}),
        json!({"matchExpressions": [{"key": "tier", "operator": "Exists"}]}),
        json!({"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}),
        json!({"matchExpressions": [
            {"key": "k8s:io.kubernetes.pod.namespace", "operator": "NotIn", "values": ["kube-system"]}
        ]}),
        json!({"matchExpressions": [
            {"key": "io.kubernetes.pod.namespace", "operator": "In", "values": ["a", "b"]},
            {"key": "app", "operator": "Exists"}
        ]}),
    ]);
    let bad = vec![
        json!({"matchLabels": {"-app": "x"}}),
        json!({"matchLabels": {"app": "x y"}}),
        json!({"matchLabels": {"a:b:c": "x"}}),
        json!({"matchLabels": {":app": "x"}}),
        json!({"matchLabels": {"Example.com/app": "x"}}),
        json!({"matchExpressions": [{"key": "app", "operator": "In", "values": []}]}),
        json!({"matchExpressions": [{"key": "app", "operator": "Exists", "values": ["x"]}]}),
        json!({"matchExpressions": [{"key": "app", "operator": "Equals", "values": ["x"]}]}),
    ];
    // Often the same ones, so that rules meet and are merged.
    let common = one_of(vec![json!({}), json!({"matchLabels": {"app": "x"}})]);
    with_bad(care, prop_oneof![common, good].boxed(), bad)
}

/// A label selector of Kubernetes.
pub(crate) fn plain_selector() -> Values {
    one_of(vec![
        json!({}),
        json!({"matchLabels": {"app": "x"}}),
        json!({"matchLabels": {"tier": "front"}}),
        json!({"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["y"]}]}),
    ])
}

/// A selector of namespaces.
pub(crate) fn namespace_selector() -> Values {
    one_of(vec![
        json!({}),
        json!({"matchLabels": {"team": "red"}}),
        json!({"matchLabels": {"kubernetes.io/metadata.name": "b"}}),
        json!({"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}),
    ])
}

fn cidr(care: Care) -> Values {
    let good = one_of(vec![
        json!("10.0.0.0/8"),
        json!("10.1.0.0/16"),
        json!("1.1.1.1/32"),
        json!("1.1.1.1"),
        json!("0.0.0.0/0"),
        json!("::/0"),
        json!("2001:db8::/32"),
        json!("10.1.2.3/8"),
    ]);
    let bad = vec![
        json!(""),
        json!("10.0.0.0/33"),
        json!("10.0.0"),
        json!("example.com"),
    ];
    with_bad(care, good, bad)
}

fn cidr_rule(care: Care) -> Values {
    let good = one_of(vec![
        json!({"cidr": "10.0.0.0/8"}),
        json!({"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}),
        json!({"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "1.1.1.1/32"]}),
        json!({"cidr": "::/0", "except": ["2001:db8::/32"]}),
        json!({"cidrGroupRef": "partners"}),
    ]);
    let bad = vec![
        json!({}),
        json!({"cidr": "10.0.0.1"}),
        json!({"cidr": "10.0.0.0/8", "except": ["11.0.0.0/16"]}),
        json!({"cidr": "10.0.0.0/8", "except": ["0.0.0.0/0"]}),
        json!({"cidr": "10.0.0.0/8", "except": ["::/64"]}),
        json!({"cidr": "10.0.0.0/8", "except": ["10.0.0.1"]}),
        json!({"cidr": "10.0.0.0/8", "cidrGroupRef": "partners"}),
    ];
    with_bad(care, good, bad)
}

fn entity(care: Care) -> Values {
    let names = [
        "all",
        "cluster",
        "cluster-mesh",
        "health",
        "host",
        "ingress",
        "init",
        "kube-apiserver",
        "none",
        "remote-node",
        "unmanaged",
        "world",
        "world-ipv4",
        "world-ipv6",
    ];
    let good = one_of(names.iter().map(|name| json!(name)).collect());
    let common = one_of(vec![json!("all"), json!("cluster"), json!("world")]);
    let good = prop_oneof![common, good].boxed();
    with_bad(care, good, vec![json!("hosts"), json!("World"), json!("")])
}

fn fqdn(care: Care) -> Values {
    let good = one_of(vec![
        json!({"matchName": "api.example.com"}),
        json!({"matchPattern": "*.example.com"}),
        json!({"matchPattern": "**.example.org"}),
    ]);
    let bad = vec![
        json!({"matchName": "*.example.com"}),
        json!({"matchPattern": "a b"}),
        json!({"matchName": "a.example.com", "matchPattern": "*"}),
    ];
    with_bad(care, good, bad)
}

/// Field names without `from` or `to`, and what may be in them.
fn peer_kinds(care: Care) -> Vec<(u32, &'static str, Values)> {
    vec![
        (8, "Endpoints", selector(care)),
        (4, "Entities", entity(care)),
        (2, "CIDR", cidr(care)),
        (2, "CIDRSet", cidr_rule(care)),
        (1, "FQDNs", fqdn(care)),
    ]
}

/// The peers of a rule: none, one kind, or, without care, two.
pub(crate) fn peers(care: Care, prefix: &'static str) -> BoxedStrategy<Map<String, Value>> {
    let one = peer_kinds(care)
        .into_iter()
        .filter_map(move |(weight, kind, values)| {
            if kind == "FQDNs" && prefix != "to" {
                return None;
            }
            let name = format!("{prefix}{kind}");
            let list = prop_oneof![
                12 => prop::collection::vec(values, 1..3),
                1 => Just(Vec::new()),
            ];
            let field = list.prop_map(move |list| Map::from_iter([(name.clone(), json!(list))]));
            Some((weight, field.boxed()))
        });
    let one = prop::strategy::Union::new_weighted(one.collect()).boxed();
    let none = Just(Map::new());
    match care {
        Care::Valid => prop_oneof![6 => one, 1 => none].boxed(),
        Care::Careless => {
            let two = (one.clone(), one.clone()).prop_map(|(mut one, two)| {
                one.extend(two);
                one
            });
            prop_oneof![40 => one, 6 => none, 1 => two].boxed()
        }
    }
}

/// The protocol that rules about requests of an item go with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Inside {
    Nothing,
    Http,
    Dns,
    Names,
}

fn port(care: Care, inside: Inside) -> Values {
    let good = match inside {
        Inside::Nothing => one_of(vec![
            json!({"port": "80", "protocol": "TCP"}),
            json!({"port": "80"}),
            json!({"port": "53", "protocol": "UDP"}),
            json!({"port": "53", "protocol": "ANY"}),
            json!({"port": "443", "protocol": "TCP"}),
            json!({"port": "0", "protocol": "TCP"}),
            json!({"port": "0"}),
            json!({"port": "http", "protocol": "TCP"}),
            json!({"port": "HTTP"}),
            json!({"port": "70", "endPort": 90, "protocol": "TCP"}),
            json!({"port": "50", "endPort": 1000, "protocol": "ANY"}),
            json!({"port": "80", "endPort": 70, "protocol": "TCP"}),
            json!({"port": "8080", "protocol": "tcp"}),
        ]),
        Inside::Http => one_of(vec![
            json!({"port": "80", "protocol": "TCP"}),
            json!({"port": "8080", "protocol": "TCP"}),
            json!({"port": "http", "protocol": "TCP"}),
            json!({"port": "53", "protocol": "TCP"}),
            json!({"port": "70", "endPort": 90, "protocol": "TCP"}),
        ]),
        Inside::Dns => one_of(vec![
            json!({"port": "53", "protocol": "ANY"}),
            json!({"port": "53", "protocol": "UDP"}),
            json!({"port": "53", "protocol": "TCP"}),
        ]),
        Inside::Names => one_of(vec![
            json!({"port": "443", "protocol": "TCP"}),
            json!({"port": "80", "protocol": "TCP"}),
            json!({"port": "400", "endPort": 500, "protocol": "TCP"}),
        ]),
    };
    let bad = vec![
        json!({"port": "65536", "protocol": "TCP"}),
        json!({"port": "-1", "protocol": "TCP"}),
        json!({"port": "http--x", "protocol": "TCP"}),
        json!({"port": "a-very-long-port-name", "protocol": "TCP"}),
        json!({"protocol": "TCP"}),
        json!({"port": "80", "protocol": "ICMP"}),
        json!({"port": "80", "protocol": "VRRP"}),
        json!({"port": "0", "protocol": "VRRP"}),
        json!({"port": "010", "protocol": "TCP"}),
        json!({"port": "0", "protocol": "TCP"}),
        json!({"port": "80", "protocol": "UDP"}),
        json!({"port": "53", "endPort": 60, "protocol": "UDP"}),
    ];
    with_bad(care, good, bad)
}

fn http(care: Care) -> Values {
    let good = one_of(vec![
        json!({}),
        json!({"method": "GET"}),
        json!({"method": "GET|HEAD", "path": "/a"}),
        json!({"path": "/a(/.*)?"}),
        json!({"path": "/users/{id}"}),
        json!({"method": "POST", "path": "/b.*", "host": "api\\.example\\.com"}),
        json!({"headers": ["X-Key: secret"]}),
        json!({"headers": ["X-Key"]}),
        json!({"headerMatches": [{"name": "X-Key", "value": "secret"}]}),
        json!({"path": "/a", "headerMatches": [{"name": "X-Key", "mismatch": "LOG"}]}),
    ]);
    let bad = vec![
        json!({"path": "*"}),
        json!({"path": "/api/**"}),
        json!({"method": "("}),
        json!({"headerMatches": [{"name": ""}]}),
        json!({"headerMatches": [{"name": "X", "mismatch": "DROP"}]}),
        json!({"headerMatches": [{"name": "X", "secret": {"name": ""}}]}),
        json!({"path": "/a{1001}"}),
    ];
    with_bad(care, good, bad)
}

fn dns(care: Care) -> Values {
    let good = one_of(vec![
        json!({"matchName": "api.example.com"}),
        json!({"matchPattern": "*.example.com"}),
        json!({"matchPattern": "*"}),
        json!({"matchPattern": "**.Example.org"}),
        json!({"matchPattern": "*.*.svc.cluster.local"}),
        json!({"matchName": "a.example.com", "matchPattern": "b.example.com"}),
    ]);
    let bad = vec![
        json!({"matchName": "*.example.com"}),
        json!({"matchPattern": "https://x"}),
    ];
    with_bad(care, good, bad)
}

fn server_names() -> Values {
    one_of(vec![
        json!(["api.example.com"]),
        json!(["*.example.com", "example.org"]),
        json!(["**.example.org"]),
    ])
}

fn list(item: Values, least: usize) -> Values {
    prop::collection::vec(item, least..3)
        .prop_map(Value::from)
        .boxed()
}

/// One item of `toPorts`; rules about requests only where they are allowed.
pub(crate) fn port_rule(care: Care, insides: Vec<Inside>) -> Values {
    select(insides)
        .prop_flat_map(move |inside| {
            let ports = list(port(care, inside), 1);
            let empty = list(port(care, inside), 0);
            let ports = prop_oneof![20 => ports, 1 => empty];
            let rules = match inside {
                Inside::Nothing => Just(json!({})).boxed(),
                Inside::Http => list(http(care), 1)
                    .prop_map(|rules| json!({"rules": {"http": rules}}))
                    .boxed(),
                Inside::Dns => list(dns(care), 1)
                    .prop_map(|rules| json!({"rules": {"dns": rules}}))
                    .boxed(),
                Inside::Names => server_names()
                    .prop_map(|names| json!({"serverNames": names}))
                    .boxed(),
            };
            (ports, rules).prop_map(|(ports, mut rule)| {
                rule["ports"] = ports;
                rule
            })
        })
        .boxed()
}

/// `icmps`.
pub(crate) fn icmps(care: Care) -> Values {
    let good = one_of(vec![
        json!([{"fields": [{"type": 8, "family": "IPv4"}]}]),
        json!([{"fields": [{"type": "EchoRequest", "family": "IPv6"}, {"type": 3}]}]),
        json!([{"fields": [{"type": "EchoReply"}]}]),
    ]);
    let bad = vec![
        json!([{"fields": [{"type": "Echo", "family": "IPv6"}]}]),
        json!([{"fields": [{"type": 8, "family": "IPv5"}]}]),
    ];
    with_bad(care, good, bad)
}
