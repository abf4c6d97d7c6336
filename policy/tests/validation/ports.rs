use serde_json::{Value, json};
use ztgit_policy::validate::Feature;
use ztgit_policy::{Consequence, Policy, Violation, validate};

use super::{agent, object, of_entry, only, refuses, takes};

fn port(port: &Value) -> Vec<Violation> {
    of_entry("ingress", &json!({"toPorts": [{"ports": [port]}]}))
}

const PORT: &str = "/spec/ingress/0/toPorts/0/ports/0";

#[test]
fn numbers_names_and_zero_are_ports() {
    for text in ["80", "0", "65535", "http", "http-8080", "HTTP", "010"] {
        takes(&port(&json!({"port": text, "protocol": "TCP"})));
    }
}

#[test]
fn other_texts_are_no_ports() {
    for text in [
        "65536",
        "-1",
        "80-90",
        "http_alt",
        "a--b",
        "-a",
        "sixteen-letters-",
        "1.5",
    ] {
        refuses(
            &port(&json!({"port": text, "protocol": "TCP"})),
            &format!("{PORT}/port"),
            &format!("`{text}` is neither a port nor a name of one"),
        );
    }
}

#[test]
fn a_port_has_to_be_named_unless_the_agent_knows_more_protocols() {
    let entry = json!({"toPorts": [{"ports": [{"protocol": "GRE"}]}]});
    refuses(
        &of_entry("ingress", &entry),
        PORT,
        "an item of `ports` without `port`",
    );
    let spec = json!({"endpointSelector": {}, "ingress": [entry]});
    let policy = Policy::read(&object("CiliumNetworkPolicy", &spec)).expect("a policy");
    takes(&validate(
        &policy,
        &agent().with(Feature::ExtendedProtocols),
    ));
}

#[test]
fn a_protocol_without_ports_has_none() {
    takes(&port(&json!({"port": "0", "protocol": "VRRP"})));
    refuses(
        &port(&json!({"port": "1", "protocol": "IGMP"})),
        &format!("{PORT}/port"),
        "a port of a protocol that has none",
    );
}

#[test]
fn protocols_have_known_names_in_any_case() {
    for name in ["TCP", "udp", "Sctp", "ANY", ""] {
        takes(&port(&json!({"port": "80", "protocol": name})));
    }
    refuses(
        &port(&json!({"port": "80", "protocol": "ICMP"})),
        &format!("{PORT}/protocol"),
        "there is no protocol `ICMP` for a port",
    );
}

#[test]
fn forty_ports_are_the_most() {
    let ports = |count: usize| {
        let ports: Vec<_> = (0..count)
            .map(|index| json!({"port": (80 + index).to_string()}))
            .collect();
        json!({"toPorts": [{"ports": ports}]})
    };
    takes(&of_entry("ingress", &ports(40)));
    for section in ["ingress", "ingressDeny"] {
        refuses(
            &of_entry(section, &ports(41)),
            &format!("/spec/{section}/0/toPorts/0/ports"),
            "more than 40 ports in one item",
        );
    }
}

#[test]
fn a_range_ends_after_it_starts() {
    takes(&port(&json!({"port": "80", "endPort": 90})));
    only(
        &port(&json!({"port": "90", "endPort": 80})),
        Consequence::Ineffective,
        &format!("{PORT}/endPort"),
        "the range ends at 80, before it starts at 90",
    );
    only(
        &port(&json!({"port": "http", "endPort": 80})),
        Consequence::Ineffective,
        &format!("{PORT}/endPort"),
        "no range starts at the name `http`",
    );
    only(
        &port(&json!({"port": "80", "endPort": 65536})),
        Consequence::RefusedByServer,
        &format!("{PORT}/endPort"),
        "65536 is no port",
    );
}

#[test]
fn an_item_without_ports_allows_nothing() {
    only(
        &of_entry(
            "ingress",
            &json!({"fromEndpoints": [{}], "toPorts": [{"ports": []}]}),
        ),
        Consequence::Ineffective,
        "/spec/ingress/0/toPorts/0",
        "an item of `toPorts` without ports allows nothing",
    );
}

#[test]
fn an_icmp_rule_for_type_zero_is_about_every_type() {
    let of_type = |kind: Value| {
        let entry = json!({"icmps": [{"fields": [{"type": kind, "family": "IPv4"}]}]});
        of_entry("ingress", &entry)
    };
    for kind in [json!(0), json!("EchoReply")] {
        only(
            &of_type(kind),
            Consequence::Ineffective,
            "/spec/ingress/0/icmps/0/fields/0/type",
            "type 0 covers every type",
        );
    }
    takes(&of_type(json!("EchoRequest")));
}

#[test]
fn icmp_stands_alone() {
    let icmps = json!([{"fields": [{"type": 8}]}]);
    for section in ["ingress", "ingressDeny", "egress", "egressDeny"] {
        let entry = json!({"icmps": icmps, "toPorts": [{"ports": [{"port": "80"}]}]});
        refuses(
            &of_entry(section, &entry),
            &format!("/spec/{section}/0/icmps/0"),
            "`icmps` beside `toPorts`",
        );
    }
}

#[test]
fn icmp_types_are_numbers_or_names_of_their_family() {
    let field = |field: Value| of_entry("ingress", &json!({"icmps": [{"fields": [field]}]}));
    takes(&field(json!({"type": 8})));
    takes(&field(json!({"type": "EchoRequest", "family": "IPv6"})));
    refuses(
        &field(json!({"type": "Echo", "family": "IPv6"})),
        "/spec/ingress/0/icmps/0/fields/0/type",
        "there is no type `Echo` of IPv6",
    );
    refuses(
        &field(json!({"type": 8, "family": "ipv4"})),
        "/spec/ingress/0/icmps/0/fields/0/family",
        "there is no family `ipv4`",
    );
}

#[test]
fn forty_icmp_types_are_the_most() {
    let fields: Vec<_> = (1..=41).map(|kind| json!({"type": kind})).collect();
    refuses(
        &of_entry("ingressDeny", &json!({"icmps": [{"fields": fields}]})),
        "/spec/ingressDeny/0/icmps/0/fields",
        "more than 40 types in one item",
    );
}
