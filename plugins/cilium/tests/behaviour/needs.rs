//! Settings of the agents that flows and workloads ask for.

use serde_json::{Value, json};
use ztgit_plugin::Place;

use crate::stack::{finding, flow_fact, frontend_to_api, homelab, release_values, stating};
use crate::stack::{tcp, with_flow, workload};

/// The chart's values for this flow.
fn values_for(flow: Value) -> Value {
    release_values(&with_flow(flow).render())
}

#[test]
fn a_flow_over_sctp_switches_sctp_on() {
    assert_eq!(release_values(&homelab().render()).get("sctp"), None);
    let flow = frontend_to_api(json!({"ports": [{"port": 3868, "protocol": "SCTP"}]}));
    assert_eq!(values_for(flow)["sctp"], json!({"enabled": true}));
}

#[test]
fn a_flow_to_nodes_by_label_gives_nodes_their_labels() {
    assert_eq!(
        release_values(&homelab().render()).get("nodeSelectorLabels"),
        None
    );
    let nodes = json!({"nodes": {"labels": {"disk": "ssd"}}});
    let flow = json!({"from": workload("api"), "to": nodes, "ports": [tcp(9100)]});
    assert_eq!(values_for(flow)["nodeSelectorLabels"], json!(true));
}

#[test]
fn another_plugins_flow_counts_like_one_of_the_stack() {
    let flow = frontend_to_api(json!({"ports": [{"port": 3868, "protocol": "SCTP"}]}));
    let rendered = stating(homelab(), "telephony", &flow_fact("diameter", flow)).render();
    assert_eq!(release_values(&rendered)["sctp"], json!({"enabled": true}));
}

#[test]
fn a_workload_with_musl_is_told_that_a_refused_name_does_not_exist() {
    let with = |resolver: &str| {
        let workloads = json!({"api": {"resolver": resolver}});
        let patch = json!({"namespaces": {"my-app": {"workloads": workloads}}});
        release_values(&homelab().patch_cluster(&patch).render())
    };
    assert_eq!(
        with("musl")["dnsProxy"],
        json!({"dnsRejectResponseCode": "nameError"})
    );
    assert_eq!(with("glibc").get("dnsProxy"), None);
}

#[test]
fn mutual_authentication_is_off_unless_a_flow_requires_it() {
    assert_eq!(
        release_values(&homelab().render()).get("authentication"),
        None
    );
    let flow = frontend_to_api(json!({"ports": [tcp(8080)], "authentication": "required"}));
    assert_eq!(
        values_for(flow)["authentication"],
        json!({"enabled": true, "mutual": {"spire": {"enabled": true}}})
    );
}

#[test]
fn mutual_authentication_is_warned_of_as_deprecated_where_the_flow_stands() {
    for version in ["1.19.7", "1.20.2"] {
        let flow = frontend_to_api(json!({"ports": [tcp(8080)], "authentication": "required"}));
        let rendered = with_flow(flow)
            .patch_cluster(&json!({"cni": {"version": version}}))
            .render();
        let warning = rendered
            .0
            .diagnostics
            .iter()
            .find(|d| d.code == "authentication-deprecated")
            .expect("a warning");
        assert!(warning.message.contains("1.21"), "{}", warning.message);
        assert_eq!(
            warning.place,
            Place::Cluster("/flows/f/authentication".to_owned())
        );
    }
}

#[test]
fn mutual_authentication_is_refused_from_the_version_that_has_none() {
    let flow = frontend_to_api(json!({"ports": [tcp(8080)], "authentication": "required"}));
    let rendered = with_flow(flow)
        .patch_cluster(&json!({"cni": {"version": "1.21.0"}}))
        .render();
    assert_eq!(finding(&rendered).code, "unsupported-version");
}
