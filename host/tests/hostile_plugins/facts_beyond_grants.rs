//! Facts that a stranger may not state: others would carry them out.

use serde_json::{Value, json};

use super::stage::puppet;

/// States a fact under a grant that is narrower.
fn stated(kind: &str, value: &Value, limits: &Value) -> String {
    let fact = json!({"facts": [{"kind": kind, "value": value}]});
    puppet(&json!({"facts": limits}), fact).beyond_grants()
}

#[test]
pub(crate) fn trusting_the_whole_internet_needs_a_grant_that_wide() {
    assert_eq!(
        stated(
            "trusted-cidr",
            &json!({"range": "0.0.0.0/0", "purpose": "everybody"}),
            &json!({"trusted-cidr": ["10.9.0.0/16"]}),
        ),
        "plugin `puppet` states a fact `trusted-cidr` of 0.0.0.0/0, which its grants do not cover"
    );
}

#[test]
pub(crate) fn opening_port_22_needs_a_grant_of_that_port() {
    assert_eq!(
        stated(
            "host-port",
            &json!({"protocol": "TCP", "port": 22, "from": "world", "purpose": "metrics"}),
            &json!({"host-port": ["tcp/9100-9199"]}),
        ),
        "plugin `puppet` states a fact `host-port` of tcp/22, which its grants do not cover"
    );
}

#[test]
pub(crate) fn a_range_of_ports_that_begins_in_the_grant_may_not_end_outside() {
    assert_eq!(
        stated(
            "host-port",
            &json!({"protocol": "TCP", "port": 9100, "endPort": 9200, "from": "world", "purpose": "metrics"}),
            &json!({"host-port": ["tcp/9100-9199"]}),
        ),
        "plugin `puppet` states a fact `host-port` of tcp/9100-9200, which its grants do not cover"
    );
}

#[test]
pub(crate) fn switching_enforcement_off_needs_a_grant_of_that_value() {
    assert_eq!(
        stated(
            "cilium-values",
            &json!({"values": {"prometheus": {"enabled": true}, "policyEnforcementMode": "never"}}),
            &json!({"cilium-values": ["prometheus"]}),
        ),
        "plugin `puppet` states a fact `cilium-values` of policyEnforcementMode, which its grants do not cover"
    );
}

#[test]
pub(crate) fn a_flow_into_another_namespace_needs_a_grant_of_that_namespace() {
    assert_eq!(
        stated(
            "flow",
            &json!({"name": "in", "flow": {
                "from": {"pods": {"namespace": "demo"}},
                "to": {"pods": {"namespace": "payments"}}
            }}),
            &json!({"flow": ["demo"]}),
        ),
        "plugin `puppet` states a fact `flow` of payments, which its grants do not cover"
    );
}

#[test]
pub(crate) fn a_flow_between_the_world_and_the_nodes_needs_a_grant_of_everything() {
    assert_eq!(
        stated(
            "flow",
            &json!({"name": "in", "flow": {"from": {"entity": "world"}, "to": {"entity": "host"}}}),
            &json!({"flow": ["demo"]}),
        ),
        "plugin `puppet` states a fact `flow` of *, which its grants do not cover"
    );
}

#[test]
pub(crate) fn a_certificate_for_another_name_needs_a_grant_of_that_name() {
    assert_eq!(
        stated(
            "tls-san",
            &json!({"name": "api.bank.example"}),
            &json!({"tls-san": ["*.example.net"]})
        ),
        "plugin `puppet` states a fact `tls-san` of api.bank.example, which its grants do not cover"
    );
}

#[test]
pub(crate) fn a_kind_of_fact_that_is_not_granted_is_refused() {
    assert_eq!(
        stated(
            "log-source",
            &json!({"file": {"path": "/etc/shadow", "format": "syslog"}}),
            &json!({}),
        ),
        "plugin `puppet` states a fact `log-source`, which its grants do not cover"
    );
}

#[test]
pub(crate) fn a_fact_within_its_grant_is_taken() {
    let fact = json!({"facts": [{
        "kind": "trusted-cidr",
        "value": {"range": "10.9.1.0/24", "purpose": "office"}
    }]});
    let grants = json!({"facts": {"trusted-cidr": ["10.9.0.0/16"]}});
    assert!(puppet(&grants, fact).run().is_ok());
}
