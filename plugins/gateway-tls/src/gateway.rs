//! The Gateway: one HTTP listener for redirects and ACME challenges, and one
//! HTTPS listener for each host.
//!
//! cert-manager makes a Certificate of every listener that has a host name,
//! terminates TLS and names exactly one Secret in the Gateway's namespace, so
//! each listener is made so. A listener whose Secret is not there yet does not
//! keep the Gateway from being programmed: the HTTP listener serves the
//! challenge that leads to the Secret.

use serde_json::{Value, json};
use ztgit_plugin::{Health, Manifest, Object, Phase};

use crate::config::Config;
use crate::host_name::HostName;
use crate::site::Site;

/// The API's group and version.
pub(crate) const API_VERSION: &str = "gateway.networking.k8s.io/v1";

/// The listener on port 80.
pub(crate) const HTTP_LISTENER: &str = "http";

/// Namespaces with this label may attach routes. The Gateway's own has it too:
/// that is where cert-manager puts the route of a challenge.
pub(crate) const ACCESS_LABEL: (&str, &str) = ("gateway-access", "true");

/// The API takes 64 listeners, and one is for HTTP.
pub(crate) const MAX_HOSTS: usize = 63;

/// The first start pulls Envoy's image and waits for an address.
const GATEWAY_TIMEOUT_SECONDS: u32 = 600;

/// The listener of a host.
pub(crate) fn https_listener(host: &HostName) -> String {
    format!("https-{host}")
}

/// What routes and solvers attach to.
pub(crate) fn reference(config: &Config, listener: &str) -> Value {
    json!({
        "group": "gateway.networking.k8s.io",
        "kind": "Gateway",
        "name": config.gateway.name,
        "namespace": config.gateway.namespace,
        "sectionName": listener,
    })
}

/// The Gateway with a listener for each host.
///
/// Its health does not wait for certificates: one that cannot be issued yet,
/// because its name does not lead here, must not hold back everything that
/// comes after.
pub(crate) fn manifest(config: &Config, sites: &[Site<'_>]) -> Manifest {
    let mut listeners = vec![json!({
        "name": HTTP_LISTENER,
        "port": 80,
        "protocol": "HTTP",
        "allowedRoutes": allowed_routes(),
    })];
    listeners.extend(sites.iter().map(|site| https(&site.host)));
    let settings = &config.gateway;
    let object = Object::namespaced(API_VERSION, "Gateway", &settings.namespace, &settings.name)
        .annotation("cert-manager.io/cluster-issuer", config.issuer.name())
        .spec(json!({"gatewayClassName": settings.class, "listeners": listeners}));
    let health = Health::condition("Programmed", GATEWAY_TIMEOUT_SECONDS);
    Manifest::new(Phase::Ingress, object).health(health)
}

fn https(host: &HostName) -> Value {
    json!({
        "name": https_listener(host),
        "hostname": host.as_str(),
        "port": 443,
        "protocol": "HTTPS",
        "tls": {
            "mode": "Terminate",
            "certificateRefs": [{"kind": "Secret", "name": format!("tls-{host}")}],
        },
        "allowedRoutes": allowed_routes(),
    })
}

fn allowed_routes() -> Value {
    let (key, value) = ACCESS_LABEL;
    json!({"namespaces": {"from": "Selector", "selector": {"matchLabels": {key: value}}}})
}
