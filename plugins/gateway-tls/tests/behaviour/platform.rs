//! cert-manager and its issuers.

use serde_json::json;

use crate::{assert_only_error, names_of, render};

#[test]
fn cert_manager_watches_gateways_and_brings_its_definitions() {
    let release = render(&json!({})).object("HelmRelease", "cert-manager");
    let values = &release["spec"]["values"];
    assert_eq!(values["config"]["gatewayAPI"], json!({"enabled": true}));
    assert_eq!(values["crds"]["enabled"], true);
    // The switch of 1.20 and before, which 1.21 calls deprecated.
    assert_eq!(values["config"].get("enableGatewayAPI"), None);
}

#[test]
fn an_older_cert_manager_has_the_switch_under_its_older_name() {
    for version in ["v1.20.2", "1.15.0"] {
        let patch = json!({"certManager": {"version": version}});
        let rendered = render(&patch);
        assert_eq!(rendered.errors(), [""; 0]);
        let release = rendered.object("HelmRelease", "cert-manager");
        let config = &release["spec"]["values"]["config"];
        assert_eq!(config["enableGatewayAPI"], true);
        assert_eq!(config.get("gatewayAPI"), None);
        let source = rendered.object("OCIRepository", "cert-manager");
        let tag = source["spec"]["ref"]["tag"].as_str().unwrap();
        assert_eq!(tag.trim_start_matches('v'), version.trim_start_matches('v'));
    }
}

#[test]
fn a_cert_manager_that_ignores_gateways_is_refused() {
    for version in ["v1.14.7", "latest"] {
        let rendered = render(&json!({"certManager": {"version": version}}));
        assert_only_error(
            &rendered,
            "cert-manager-version",
            "config:/certManager/version",
        );
    }
}

#[test]
fn a_cert_manager_newer_than_what_is_known_is_a_warning() {
    let rendered = render(&json!({"certManager": {"version": "v1.22.0"}}));
    assert_eq!(rendered.errors(), [""; 0]);
    assert_eq!(rendered.warnings(), ["cert-manager-version"]);
}

#[test]
fn a_cert_manager_that_is_there_is_not_installed_again() {
    let rendered =
        render(&json!({"certManager": {"installation": "existing", "namespace": "pki"}}));
    assert_eq!(rendered.errors(), [""; 0]);
    assert_eq!(names_of(&rendered, "HelmRelease"), [""; 0]);
    assert_eq!(names_of(&rendered, "ClusterIssuer").len(), 2);
}

#[test]
fn cert_manager_is_a_pinned_chart() {
    let rendered = render(&json!({}));
    let source = rendered.object("OCIRepository", "cert-manager");
    assert_eq!(
        source["spec"]["url"],
        "oci://quay.io/jetstack/charts/cert-manager"
    );
    let tag = source["spec"]["ref"]["tag"].as_str().unwrap();
    assert!(tag.starts_with("v1.21."), "{tag}");
    let release = rendered.object("HelmRelease", "cert-manager");
    assert_eq!(
        release["spec"]["chartRef"],
        json!({"kind": "OCIRepository", "name": source["metadata"]["name"]})
    );
    assert_eq!(
        release["metadata"]["namespace"],
        source["metadata"]["namespace"]
    );
}

#[test]
fn both_issuers_are_there_whichever_signs() {
    for issuer in ["letsencrypt-staging", "letsencrypt-prod"] {
        let rendered = render(&json!({"issuer": issuer}));
        let staging = rendered.object("ClusterIssuer", "letsencrypt-staging");
        let prod = rendered.object("ClusterIssuer", "letsencrypt-prod");
        let server = "/spec/acme/server";
        assert_eq!(
            staging.pointer(server).unwrap(),
            "https://acme-staging-v02.api.letsencrypt.org/directory"
        );
        assert_eq!(
            prod.pointer(server).unwrap(),
            "https://acme-v02.api.letsencrypt.org/directory"
        );
    }
}

#[test]
fn the_issuers_keep_their_account_keys_apart() {
    let rendered = render(&json!({}));
    let key = |name| {
        rendered.object("ClusterIssuer", name)["spec"]["acme"]["privateKeySecretRef"].clone()
    };
    assert_ne!(key("letsencrypt-staging"), key("letsencrypt-prod"));
}

#[test]
fn challenges_are_answered_through_the_http_listener_and_open_no_node_port() {
    let rendered = render(&json!({}));
    for name in ["letsencrypt-staging", "letsencrypt-prod"] {
        let issuer = rendered.object("ClusterIssuer", name);
        let solver = issuer
            .pointer("/spec/acme/solvers/0/http01/gatewayHTTPRoute")
            .unwrap();
        assert_eq!(solver["serviceType"], "ClusterIP");
        assert_eq!(
            solver["parentRefs"],
            json!([{
                "group": "gateway.networking.k8s.io",
                "kind": "Gateway",
                "name": "homelab-gateway",
                "namespace": "ingress",
                "sectionName": "http",
            }])
        );
    }
}
