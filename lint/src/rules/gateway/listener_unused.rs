//! No route attaches to a listener.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::gateway::attachment::Attachments;
use crate::gateway::issuer::issuers;
use crate::gateway::route::{Parent, parents};
use crate::gateway::{Listener, listeners};
use crate::json::list;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "listener-unused",
    severity: Severity::Warning,
    text: include_str!("listener_unused.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let attachments = Attachments::of(subject);
    let solvers: Vec<Parent<'_>> = issuers(subject)
        .flat_map(|issuer| {
            let solvers = issuer.solvers();
            solvers.flat_map(|(_, solver)| {
                parents(list(solver, "/http01/gatewayHTTPRoute/parentRefs"), "")
            })
        })
        .collect();
    listeners(subject)
        .filter(|listener| attachments.of_listener(*listener).is_empty())
        .filter(|listener| !solvers.iter().any(|parent| answers(parent, *listener)))
        .map(|listener| {
            listener.finding(
                "",
                format!("no route goes through listener `{}`", listener.name()),
                "add a route, or leave the listener out: an open port that nobody needs",
            )
        })
        .collect()
}

/// Whether challenges come through it: their routes are made when they are needed.
fn answers(parent: &Parent<'_>, listener: Listener<'_>) -> bool {
    parent.name == listener.gateway.spot.object.name()
        && (parent.namespace.is_empty() || parent.namespace == listener.gateway.spot.namespace())
        && parent.section.is_none_or(|name| name == listener.name())
        && listener.protocol() == "HTTP"
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{
        GATEWAY, HOST, STAGING, access, gateway, http, https, issuer, route,
    };
    use crate::testing::Lint;

    #[test]
    fn a_listener_without_a_route_is_found() {
        let lint = Lint::homelab().cluster(&access());
        let lint = lint.object(gateway(&[http(), https(HOST)]));
        lint.object(route("https")).finds(super::RULE, GATEWAY);
    }

    #[test]
    fn one_that_challenges_come_through_is_not() {
        let lint = Lint::homelab().cluster(&access());
        let lint = lint.object(gateway(&[http(), https(HOST)]));
        let lint = lint.object(route("https")).object(issuer(STAGING));
        lint.passes(super::RULE);
    }
}
