//! Routes: for each host one to its Services, and one that sends HTTP to HTTPS.
//!
//! The redirect names its host and matches by prefix. While a challenge is
//! open, cert-manager adds a route for the same host with an exact path, which
//! wins; a redirect for all hosts at once would not meet it in one virtual
//! host, and requests beside the challenge would find nothing.

mod backend;
mod filter;
mod rule;

use serde_json::{Value, json};
use ztgit_plugin::{Health, Manifest, Object, Phase};

use crate::config::PlainHttp;
use crate::gateway::{API_VERSION, HTTP_LISTENER, tls_listener};
use crate::site::{Site, Traffic};

pub(crate) use backend::{conflicts, tls_policies};

/// Both routes of a host, and what lets them reach other namespaces. The
/// prefixes of their names keep them apart where an application shares the
/// Gateway's namespace.
pub(crate) fn manifests(site: &Site<'_>) -> Vec<Manifest> {
    let mut manifests = vec![routed(to_services(site))];
    if site.http == PlainHttp::Redirect {
        manifests.push(routed(redirect(site)));
    }
    let grants = backend::grants(site, kind(&site.traffic)).into_iter();
    manifests.extend(grants.map(|grant| Manifest::new(Phase::Ingress, grant)));
    manifests
}

fn routed(route: Object) -> Manifest {
    Manifest::new(Phase::Ingress, route).health(accepted())
}

fn kind(traffic: &Traffic<'_>) -> &'static str {
    match traffic {
        Traffic::Http(_) => "HTTPRoute",
        Traffic::Grpc(_) => "GRPCRoute",
        Traffic::Passthrough(_) => "TLSRoute",
    }
}

fn to_services(site: &Site<'_>) -> Object {
    let mut parents = vec![site.gateway.reference(&tls_listener(&site.host))];
    let plain = site.http == PlainHttp::Serve;
    if plain && !matches!(site.traffic, Traffic::Passthrough(_)) {
        parents.push(site.gateway.reference(HTTP_LISTENER));
    }
    let rules: Vec<_> = match &site.traffic {
        Traffic::Http(rules) => rules.iter().map(|each| rule::http(site, each)).collect(),
        Traffic::Grpc(rules) => rules.iter().map(|each| rule::grpc(site, each)).collect(),
        Traffic::Passthrough(only) => {
            vec![json!({"backendRefs": [backend::reference(site, only)]})]
        }
    };
    let name = site.host.object_name("https");
    route(
        kind(&site.traffic),
        site,
        site.namespace,
        &name,
        &parents,
        &rules,
    )
}

fn redirect(site: &Site<'_>) -> Object {
    let mut target = json!({"scheme": "https", "statusCode": 301});
    let port = site.gateway.settings.ports.https.get();
    if port != 443 {
        target["port"] = port.into();
    }
    let rule = json!({
        "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
        "filters": [{"type": "RequestRedirect", "requestRedirect": target}],
    });
    let parents = [site.gateway.reference(HTTP_LISTENER)];
    let name = site.host.object_name("redirect");
    let namespace = site.gateway.namespace();
    route("HTTPRoute", site, namespace, &name, &parents, &[rule])
}

fn route(
    kind: &str,
    site: &Site<'_>,
    namespace: &str,
    name: &str,
    parents: &[Value],
    rules: &[Value],
) -> Object {
    Object::namespaced(API_VERSION, kind, namespace, name).spec(json!({
        "parentRefs": parents,
        "hostnames": [site.host.as_str()],
        "rules": rules,
    }))
}

const ROUTE_TIMEOUT_SECONDS: u32 = 600;

/// Accepted by its Gateway. Not that its Service was found: that comes with
/// the applications, which Flux applies after this.
fn accepted() -> Health {
    let current = "has(status.parents) && size(status.parents) > 0 && status.parents.all(p, \
                   p.conditions.exists(c, c.type == 'Accepted' && c.status == 'True'))";
    Health {
        current: current.to_owned(),
        in_progress: None,
        failed: None,
        timeout_seconds: ROUTE_TIMEOUT_SECONDS,
    }
}
