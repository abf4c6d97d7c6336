//! Issuers beside Let's Encrypt's.

use serde_json::{Value, json};

use crate::{assert_only_error, names_of, render};

fn lab(settings: &Value) -> Value {
    json!({"email": null, "issuer": "lab", "issuers": {"lab": settings}})
}

#[test]
fn a_lab_needs_no_address_and_asks_no_public_ca() {
    let rendered = render(&lab(&json!("selfSigned")));
    assert_eq!(rendered.errors(), [""; 0]);
    assert_eq!(names_of(&rendered, "ClusterIssuer"), ["lab"]);
    let issuer = rendered.object("ClusterIssuer", "lab");
    assert_eq!(issuer["spec"], json!({"selfSigned": {}}));
    let gateway = rendered.object("Gateway", "homelab-gateway");
    let annotation = &gateway["metadata"]["annotations"]["cert-manager.io/cluster-issuer"];
    assert_eq!(annotation, "lab");
}

#[test]
fn a_ca_of_the_clusters_own_signs_by_a_certificate_that_signs_itself() {
    let rendered = render(&lab(&json!({"internalCA": {"commonName": "Lab"}})));
    assert_eq!(rendered.errors(), [""; 0]);
    let root = rendered.object("Certificate", "lab-root");
    assert_eq!(root["metadata"]["namespace"], "cert-manager");
    assert_eq!(root["spec"]["isCA"], true);
    assert_eq!(root["spec"]["issuerRef"]["name"], "lab-root");
    let itself = rendered.object("ClusterIssuer", "lab-root");
    assert_eq!(itself["spec"], json!({"selfSigned": {}}));
    let issuer = rendered.object("ClusterIssuer", "lab");
    assert_eq!(
        issuer["spec"]["ca"]["secretName"],
        root["spec"]["secretName"]
    );
}

#[test]
fn a_ca_from_elsewhere_signs_by_its_secret() {
    let rendered = render(&lab(&json!({"ca": {"secret": "corp-ca"}})));
    let issuer = rendered.object("ClusterIssuer", "lab");
    assert_eq!(issuer["spec"], json!({"ca": {"secretName": "corp-ca"}}));
}

#[test]
fn an_account_needs_an_address() {
    let rendered = render(&json!({"email": null, "issuer": "letsencrypt-prod"}));
    assert_only_error(&rendered, "missing-email", "config:/issuer");
}

#[test]
fn an_issuer_that_is_not_there_is_refused_where_it_is_named() {
    let host = json!({"hosts": {"myapp.homelab-one.net": {"issuer": "lba"}}});
    let at = "config:/hosts/myapp.homelab-one.net/issuer";
    assert_only_error(&render(&host), "unknown-issuer", at);
    let gateway = json!({"gateway": {"issuer": "lba"}});
    assert_only_error(
        &render(&gateway),
        "unknown-issuer",
        "config:/gateway/issuer",
    );
    let all = json!({"issuer": "lba"});
    assert_only_error(&render(&all), "unknown-issuer", "config:/issuer");
}

#[test]
fn a_name_that_means_something_already_is_refused() {
    for name in ["letsencrypt-prod", "none"] {
        let rendered = render(&json!({"issuers": {name: "selfSigned"}}));
        let at = format!("config:/issuers/{name}");
        assert_only_error(&rendered, "issuer-name", &at);
    }
}
