//! A route names a Gateway that does not take it.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::gateway::attachment::{Attachments, takes};
use crate::gateway::route::{Parent, Route};
use crate::json::text;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "route-unattached",
    severity: Severity::Error,
    text: include_str!("route_unattached.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let attachments = Attachments::of(subject);
    let routes = attachments.routes();
    routes
        .flat_map(|(route, _)| route.parents().map(move |parent| (route, parent)))
        .filter_map(|(route, parent)| {
            let (message, hint) = refusal(subject, &attachments, route, &parent)?;
            let pointer = format!("/spec/parentRefs/{}", parent.position);
            Some(route.spot.finding(&pointer, message, hint))
        })
        .collect()
}

fn refusal(
    subject: &Subject<'_>,
    attachments: &Attachments<'_>,
    route: Route<'_>,
    parent: &Parent<'_>,
) -> Option<(String, String)> {
    let whose = format!("{}/{}", parent.namespace, parent.name);
    if attachments.gateway(parent).is_none() {
        return Some((
            format!("nothing in the stack is Gateway `{whose}`"),
            "name a Gateway of the stack, with its namespace".to_owned(),
        ));
    }
    let mut listeners = attachments.meant(parent);
    if listeners.is_empty() {
        let meant = parent.section.unwrap_or("of that port");
        return Some((
            format!("Gateway `{whose}` has no listener `{meant}`"),
            "name one of its listeners under `sectionName`".to_owned(),
        ));
    }
    let kind = route.spot.object.kind();
    listeners.retain(|listener| takes(*listener, kind));
    let Some(first) = listeners.first() else {
        return Some((
            format!("no listener that is meant takes routes of kind {kind}"),
            "attach it to a listener of the right protocol".to_owned(),
        ));
    };
    let namespace = route.spot.namespace();
    let mut listeners = listeners.iter();
    (!listeners.any(|listener| listener.admits(subject, namespace))).then(|| {
        let message = format!(
            "listener `{}` of Gateway `{whose}` takes no routes of namespace `{namespace}`",
            first.name()
        );
        let hint = match text(first.value, "/allowedRoutes/namespaces/from") {
            "Selector" => "give the namespace the label that `allowedRoutes` selects",
            _ => "widen the listener's `allowedRoutes`",
        };
        (message, hint.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixtures::{HOST, ROUTE, access, gateway, http, https, route};
    use crate::testing::Lint;

    fn with(route: Value) -> Lint {
        Lint::homelab()
            .object(gateway(&[http(), https(HOST)]))
            .object(route)
    }

    #[test]
    fn a_gateway_that_is_not_there_is_found() {
        let mut route = route("https");
        route["spec"]["parentRefs"][0]["name"] = "egde".into();
        with(route).cluster(&access()).finds(super::RULE, ROUTE);
    }

    #[test]
    fn a_listener_that_is_not_there_is_found() {
        with(route("https-app"))
            .cluster(&access())
            .finds(super::RULE, ROUTE);
    }

    #[test]
    fn a_route_of_another_protocol_is_found() {
        let mut route = route("https");
        route["kind"] = "TLSRoute".into();
        with(route)
            .cluster(&access())
            .finds(super::RULE, "TLSRoute/my-app/app");
    }

    #[test]
    fn a_namespace_without_the_label_is_found() {
        with(route("https")).finds(super::RULE, ROUTE);
    }

    #[test]
    fn a_route_that_the_gateway_takes_is_fine() {
        with(route("https")).cluster(&access()).passes(super::RULE);
        let labelled = json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": "my-app", "labels": {"gateway-access": "true"}}
        });
        with(route("https")).object(labelled).passes(super::RULE);
    }
}
