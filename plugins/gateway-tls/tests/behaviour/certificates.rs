//! Which certificate each host gets, and who makes it.

use serde_json::{Value, json};
use ztgit_plugin::Severity;
use ztgit_plugin::testing::Rendered;

use crate::{assert_only_error, harness, names_of, render, shop};

const HOST: &str = "myapp.homelab-one.net";

/// What is said of each host's certificate.
fn certificates(rendered: &Rendered) -> Vec<&str> {
    let found = rendered.0.diagnostics.iter();
    let found = found.filter(|each| each.code == "certificate");
    found
        .inspect(|each| assert_eq!(each.severity, Severity::Info))
        .map(|each| each.message.as_str())
        .collect()
}

fn ignored(rendered: &Rendered) -> Value {
    let gateway = rendered.object("Gateway", "homelab-gateway");
    gateway["metadata"]["annotations"]["cert-manager.io/ignore-tls-listeners"].clone()
}

#[test]
fn the_certificate_of_each_listener_is_mentioned_with_issuer_and_proof() {
    assert_eq!(
        certificates(&render(&json!({}))),
        [
            "cert-manager makes Certificate ingress/tls-myapp.homelab-one.net for \
             `myapp.homelab-one.net`, signed by letsencrypt-staging after an HTTP-01 challenge"
        ]
    );
}

#[test]
fn a_host_whose_gateway_has_no_issuer_is_refused() {
    let rendered = render(&json!({"issuer": "none"}));
    assert_only_error(
        &rendered,
        "no-certificate",
        &format!("config:/hosts/{HOST}"),
    );
}

#[test]
fn a_secret_that_is_there_is_named_by_the_listener_and_left_alone() {
    let rendered = render(&json!({"hosts": {HOST: {"secret": "my-tls"}}}));
    assert_eq!(rendered.errors(), [""; 0]);
    let gateway = rendered.object("Gateway", "homelab-gateway");
    assert_eq!(
        gateway["spec"]["listeners"][1]["tls"]["certificateRefs"],
        json!([{"kind": "Secret", "name": "my-tls"}])
    );
    assert_eq!(ignored(&rendered), format!("https-{HOST}"));
    assert!(certificates(&rendered)[0].contains("somebody else keeps"));
}

#[test]
fn a_host_with_an_issuer_of_its_own_has_a_certificate_beside_the_gateways() {
    let rendered = render(&json!({
        "issuers": {"lab": "selfSigned"},
        "hosts": {HOST: {"issuer": "lab"}},
    }));
    assert_eq!(rendered.errors(), [""; 0]);
    let certificate = rendered.object("Certificate", &format!("tls-{HOST}"));
    assert_eq!(certificate["metadata"]["namespace"], "ingress");
    assert_eq!(certificate["spec"]["dnsNames"], json!([HOST]));
    assert_eq!(certificate["spec"]["issuerRef"]["name"], "lab");
    let gateway = rendered.object("Gateway", "homelab-gateway");
    assert_eq!(
        gateway["spec"]["listeners"][1]["tls"]["certificateRefs"][0]["name"],
        certificate["spec"]["secretName"]
    );
    assert_eq!(ignored(&rendered), format!("https-{HOST}"));
}

#[test]
fn without_such_hosts_no_listener_is_ignored_and_no_certificate_declared() {
    let rendered = render(&json!({}));
    assert_eq!(ignored(&rendered), Value::Null);
    assert_eq!(names_of(&rendered, "Certificate"), [""; 0]);
}

/// A Certificate that is to be issued through the Gateway cannot be waited for
/// before it.
#[test]
fn nothing_waits_for_a_hosts_certificate() {
    let rendered = render(&json!({
        "issuer": "letsencrypt-prod",
        "hosts": {HOST: {"issuer": "letsencrypt-staging"}},
    }));
    let mut manifests = rendered.manifests();
    let manifest = manifests
        .find(|manifest| manifest.object.kind() == "Certificate")
        .unwrap();
    let health = manifest.health.as_ref().unwrap();
    assert!(!health.current.contains("Ready"));
}

#[test]
fn an_older_cert_manager_would_write_over_a_certificate_that_is_not_its_own() {
    for (field, value) in [("secret", "my-tls"), ("issuer", "letsencrypt-prod")] {
        let rendered = render(&json!({
            "certManager": {"version": "v1.20.2"},
            "hosts": {HOST: {field: value}},
        }));
        let at = format!("config:/hosts/{HOST}/{field}");
        assert_only_error(&rendered, "certificate-overwritten", &at);
    }
}

#[test]
fn a_secret_and_an_issuer_are_one_too_many() {
    let rendered = render(&json!({"hosts": {HOST: {"secret": "a", "issuer": "letsencrypt-prod"}}}));
    let at = format!("config:/hosts/{HOST}/secret");
    assert_only_error(&rendered, "two-certificates", &at);
}

#[test]
fn tls_that_is_passed_through_has_no_certificate_here() {
    let rendered = shop(&json!({"passthrough": {"service": "shop/web", "port": 80}})).render();
    assert_eq!(rendered.errors(), [""; 0]);
    assert_eq!(certificates(&rendered), [""; 0]);
    for field in ["secret", "issuer"] {
        let host = json!({"passthrough": {"service": "shop/web", "port": 80}, field: "lab"});
        let rendered = shop(&host).render();
        assert!(rendered.errors().contains(&"passthrough"));
    }
}

/// One name at a time: the other hosts must not wait for it.
#[test]
fn each_host_has_a_certificate_of_its_own() {
    let rendered = harness(&json!({"hosts": {"www.homelab-one.net": {
        "service": "my-app/api-svc", "port": 80, "workload": "my-app/api",
    }}}))
    .render();
    assert_eq!(certificates(&rendered).len(), 2);
}
