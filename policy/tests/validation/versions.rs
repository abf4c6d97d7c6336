use serde_json::{Value, json};
use ztgit_policy::{Agent, CiliumVersion, Consequence, Policy, Violation, validate};

use super::{object, only, takes};

fn under(minor: u16, section: &str, entry: &Value) -> Vec<Violation> {
    let spec = json!({"endpointSelector": {}, section: [entry]});
    let policy = Policy::read(&object("CiliumNetworkPolicy", &spec)).expect("a policy");
    validate(&policy, &Agent::new(CiliumVersion::new(1, minor)))
}

#[test]
fn requirements_ended_with_1_19() {
    let entry = json!({"fromRequires": [{"matchLabels": {"env": "prod"}}]});
    takes(&under(18, "ingress", &entry));
    only(
        &under(19, "ingress", &entry),
        Consequence::RefusedByAgent,
        "/spec/ingress/0/fromRequires",
        "Cilium 1.19 has no requirements any more",
    );
}

#[test]
fn kafka_ended_with_1_20_and_leaves_the_port_open() {
    let entry = json!({"toPorts": [{
        "ports": [{"port": "9092", "protocol": "TCP"}],
        "rules": {"kafka": [{"topic": "orders"}]},
    }]});
    takes(&under(19, "ingress", &entry));
    only(
        &under(20, "ingress", &entry),
        Consequence::Dropped,
        "/spec/ingress/0/toPorts/0/rules/kafka",
        "Cilium 1.20 has no `kafka` rules",
    );
}

#[test]
fn protocols_of_tunnels_begin_with_1_20() {
    let entry = json!({"toPorts": [{"ports": [{"port": "0", "protocol": "GRE"}]}]});
    takes(&under(20, "egress", &entry));
    only(
        &under(19, "egress", &entry),
        Consequence::RefusedByAgent,
        "/spec/egress/0/toPorts/0/ports/0/protocol",
        "there is no protocol `GRE` for a port",
    );
    let older = json!({"toPorts": [{"ports": [{"port": "0", "protocol": "VRRP"}]}]});
    takes(&under(19, "egress", &older));
}

#[test]
fn mutual_authentication_ends_with_1_21() {
    let entry = json!({"fromEndpoints": [{}], "authentication": {"mode": "required"}});
    takes(&under(20, "ingress", &entry));
    only(
        &under(21, "ingress", &entry),
        Consequence::Dropped,
        "/spec/ingress/0/authentication",
        "Cilium 1.21 has no mutual authentication",
    );
}

#[test]
fn a_mode_of_authentication_has_a_known_name() {
    let entry = json!({"fromEndpoints": [{}], "authentication": {"mode": "require"}});
    let found = under(20, "ingress", &entry);
    only(
        &found,
        Consequence::RefusedByServer,
        "/spec/ingress/0/authentication/mode",
        "there is no mode `require`",
    );
    assert_eq!(found[0].hint.as_deref(), Some("did you mean `required`?"));
}

#[test]
fn versions_are_read_with_and_without_their_last_number() {
    for text in ["1.20", "1.20.2", "v1.20.2-rc.1"] {
        assert_eq!(text.parse(), Ok(CiliumVersion::new(1, 20)));
    }
    for text in ["", "1", "one.two", "1.x"] {
        assert!(text.parse::<CiliumVersion>().is_err(), "{text}");
    }
}
