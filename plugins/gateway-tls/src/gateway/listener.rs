//! Listeners.

use serde_json::{Value, json};

use super::Gateway;
use crate::host_name::HostName;
use crate::site::Site;

/// The listener without TLS.
pub(crate) const HTTP_LISTENER: &str = "http";

/// The API takes 64 listeners, and one is for HTTP.
pub(crate) const MAX_HOSTS: usize = 63;

/// The TLS listener of a host.
pub(crate) fn tls_listener(host: &HostName) -> String {
    host.object_name("https")
}

/// The listeners of a Gateway.
pub(super) fn all(gateway: &Gateway<'_>, sites: &[&Site<'_>]) -> Vec<Value> {
    let http = json!({
        "name": HTTP_LISTENER,
        "port": gateway.settings.ports.http,
        "protocol": "HTTP",
        "allowedRoutes": allowed_routes(gateway),
    });
    let tls = sites.iter().map(|site| tls(gateway, site));
    [http].into_iter().chain(tls).collect()
}

fn tls(gateway: &Gateway<'_>, site: &Site<'_>) -> Value {
    let (protocol, tls) = match &site.certificate {
        Some(certificate) => ("HTTPS", terminate(gateway, &certificate.secret(&site.host))),
        None => ("TLS", json!({"mode": "Passthrough"})),
    };
    json!({
        "name": tls_listener(&site.host),
        "hostname": site.host.as_str(),
        "port": gateway.settings.ports.https,
        "protocol": protocol,
        "tls": tls,
        "allowedRoutes": allowed_routes(gateway),
    })
}

/// Exactly one Secret: of several, Cilium's admission policy refuses the
/// Gateway, and cert-manager would make several Certificates of one name.
fn terminate(gateway: &Gateway<'_>, secret: &str) -> Value {
    let mut tls = json!({
        "mode": "Terminate",
        "certificateRefs": [{"kind": "Secret", "name": secret}],
    });
    if !gateway.settings.tls_options.is_empty() {
        tls["options"] = json!(gateway.settings.tls_options);
    }
    tls
}

fn allowed_routes(gateway: &Gateway<'_>) -> Value {
    let (key, value) = gateway.access_label();
    json!({"namespaces": {"from": "Selector", "selector": {"matchLabels": {key: value}}}})
}
