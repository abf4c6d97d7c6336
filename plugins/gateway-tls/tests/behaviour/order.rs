//! Phases and health: what waits for what.

use serde_json::json;
use ztgit_plugin::{Health, Phase};

use crate::render;

fn health(kind: &str) -> Health {
    let rendered = render(&json!({}));
    let manifest = rendered
        .manifests()
        .find(|m| m.object.kind() == kind)
        .unwrap();
    manifest
        .health
        .clone()
        .unwrap_or_else(|| panic!("{kind} has no health"))
}

#[test]
fn each_object_is_applied_after_what_it_needs() {
    let rendered = render(&json!({}));
    assert_eq!(
        rendered.phase("HelmRelease", "cert-manager"),
        Phase::Platform
    );
    assert_eq!(
        rendered.phase("OCIRepository", "cert-manager"),
        Phase::Platform
    );
    assert_eq!(
        rendered.phase("ClusterIssuer", "letsencrypt-staging"),
        Phase::Config
    );
    assert_eq!(rendered.phase("Gateway", "homelab-gateway"), Phase::Ingress);
    let routes = rendered
        .manifests()
        .filter(|m| m.object.kind() == "HTTPRoute");
    assert!(routes.map(|m| m.phase).all(|phase| phase == Phase::Ingress));
}

#[test]
fn an_issuer_is_done_when_its_account_is_registered() {
    let health = health("ClusterIssuer");
    assert!(health.current.contains("'Ready'"));
    assert!(health.timeout_seconds >= 300);
}

#[test]
fn a_gateway_is_done_when_it_is_programmed() {
    let health = health("Gateway");
    assert!(health.current.contains("'Programmed'"));
    assert!(health.timeout_seconds >= 300);
}

/// The Service comes in a later phase; to wait for it would be to wait for ever.
#[test]
fn a_route_is_done_when_it_is_accepted_even_without_its_service() {
    let health = health("HTTPRoute");
    assert!(health.current.contains("'Accepted'"));
    assert!(!health.current.contains("ResolvedRefs"));
}

#[test]
fn no_certificate_holds_back_the_applications() {
    let rendered = render(&json!({}));
    let awaited = rendered.0.artifacts.len() - rendered.manifests().count();
    assert_eq!(awaited, 0);
}
