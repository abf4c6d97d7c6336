//! `HTTPRoutes`: for each host one to its Service, and one that sends HTTP to
//! HTTPS.
//!
//! The redirect names its host and matches by prefix. While a challenge is
//! open, cert-manager adds a route for the same host with an exact path, which
//! wins; a redirect for all hosts at once would not meet it in one virtual
//! host, and requests beside the challenge would find nothing.

use serde_json::{Value, json};
use ztgit_plugin::{Health, Manifest, Object, Phase};

use crate::config::Config;
use crate::gateway::{API_VERSION, HTTP_LISTENER, https_listener, reference};
use crate::site::Site;

/// Both routes of a host. The prefixes keep them apart where an application
/// shares the Gateway's namespace.
pub(crate) fn manifests(config: &Config, site: &Site<'_>) -> [Manifest; 2] {
    let host = site.host.as_str();
    let listener = https_listener(&site.host);
    let backend = json!({"backendRefs": [{"name": site.service.name, "port": site.service_port}]});
    let service = Object::namespaced(
        API_VERSION,
        "HTTPRoute",
        &site.service.namespace,
        &format!("https-{host}"),
    )
    .spec(spec(host, &reference(config, &listener), &backend));
    let redirect = Object::namespaced(
        API_VERSION,
        "HTTPRoute",
        &config.gateway.namespace,
        &format!("redirect-{host}"),
    )
    .spec(spec(host, &reference(config, HTTP_LISTENER), &to_https()));
    [service, redirect].map(|object| Manifest::new(Phase::Ingress, object).health(accepted()))
}

fn spec(host: &str, parent: &Value, rule: &Value) -> Value {
    json!({"parentRefs": [parent], "hostnames": [host], "rules": [rule]})
}

fn to_https() -> Value {
    json!({
        "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
        "filters": [{
            "type": "RequestRedirect",
            "requestRedirect": {"scheme": "https", "statusCode": 301},
        }],
    })
}

const ROUTE_TIMEOUT_SECONDS: u32 = 600;

/// Accepted by its Gateway. Not that its Service was found: that comes with
/// the applications, which Flux applies after this.
fn accepted() -> Health {
    let current = "has(status.parents) && size(status.parents) > 0 && status.parents.all(p, \
                   p.conditions.exists(c, c.type == 'Accepted' && c.status == 'True'))";
    Health {
        current: current.to_owned(),
        in_progress: Some(format!("!({current})")),
        failed: None,
        timeout_seconds: ROUTE_TIMEOUT_SECONDS,
    }
}
