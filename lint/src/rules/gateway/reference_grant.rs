//! A route leads into another namespace, which does not consent.

use serde_json::Value;
use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::gateway::GROUP;
use crate::gateway::route::{Backend, Route, routes};
use crate::json::{list, text};
use crate::rule::Rule;
use crate::subject::{Object, Subject};

pub(in crate::rules) const RULE: Rule = Rule {
    code: "no-reference-grant",
    severity: Severity::Error,
    text: include_str!("reference_grant.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let grants = subject.of_kind(GROUP, "ReferenceGrant");
    let grants: Vec<&Object<'_>> = grants.map(|grant| grant.object).collect();
    let mut found = Vec::new();
    for route in routes(subject) {
        let elsewhere = route
            .backends()
            .filter(|to| to.namespace != route.spot.namespace());
        let refused = elsewhere.filter(|to| !grants.iter().any(|grant| covers(grant, route, to)));
        found.extend(refused.map(|to| {
            route.spot.finding(
                &to.pointer,
                format!(
                    "no ReferenceGrant of `{}` lets routes of `{}` lead to its Service `{}`",
                    to.namespace,
                    route.spot.namespace(),
                    to.name
                ),
                format!("add a ReferenceGrant in `{}`", to.namespace),
            )
        }));
    }
    found
}

fn covers(grant: &Object<'_>, route: Route<'_>, to: &Backend<'_>) -> bool {
    let from = |item: &Value| {
        text(item, "/group") == GROUP
            && text(item, "/kind") == route.spot.object.kind()
            && text(item, "/namespace") == route.spot.namespace()
    };
    let target = |item: &Value| {
        text(item, "/group").is_empty()
            && text(item, "/kind") == "Service"
            && ["", to.name].contains(&text(item, "/name"))
    };
    grant.namespace() == Some(to.namespace)
        && list(grant.value, "/spec/from").iter().any(from)
        && list(grant.value, "/spec/to").iter().any(target)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixtures::{ROUTE, route};
    use crate::testing::Lint;

    fn elsewhere() -> Value {
        let mut route = route("https");
        route["spec"]["rules"][0]["backendRefs"][0]["namespace"] = "shop".into();
        route
    }

    fn grant(name: &str) -> Value {
        json!({
            "apiVersion": "gateway.networking.k8s.io/v1",
            "kind": "ReferenceGrant",
            "metadata": {"name": "from-my-app", "namespace": "shop"},
            "spec": {
                "from": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "my-app"}],
                "to": [{"group": "", "kind": "Service", "name": name}]
            }
        })
    }

    #[test]
    fn a_service_of_another_namespace_needs_consent() {
        Lint::homelab()
            .object(elsewhere())
            .finds(super::RULE, ROUTE);
    }

    #[test]
    fn consent_to_another_service_is_none() {
        let lint = Lint::homelab().object(elsewhere());
        lint.object(grant("other")).finds(super::RULE, ROUTE);
    }

    #[test]
    fn with_consent_it_is_fine() {
        let lint = Lint::homelab().object(elsewhere());
        lint.object(grant("app-svc")).passes(super::RULE);
    }

    #[test]
    fn a_service_of_its_own_namespace_needs_none() {
        Lint::homelab().object(route("https")).passes(super::RULE);
    }
}
