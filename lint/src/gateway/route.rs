//! Routes, with what they attach to and where they lead.

use serde_json::Value;

use super::GROUP;
use crate::json::{list, text};
use crate::spot::ObjectSpot;
use crate::subject::Subject;

/// The kinds that lead from a Gateway to Services.
const KINDS: [&str; 5] = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"];

/// A route.
#[derive(Clone, Copy)]
pub(crate) struct Route<'s> {
    /// Its object.
    pub(crate) spot: ObjectSpot<'s>,
}

/// A Gateway that a route attaches to.
#[derive(Clone, Copy)]
pub(crate) struct Parent<'s> {
    /// Its position in the route's list.
    pub(crate) position: usize,
    /// Its namespace.
    pub(crate) namespace: &'s str,
    /// Its name.
    pub(crate) name: &'s str,
    /// The one listener that is meant.
    pub(crate) section: Option<&'s str>,
    /// The port of the listeners that are meant.
    pub(crate) port: Option<u64>,
}

/// A Service that a route leads to.
pub(crate) struct Backend<'s> {
    /// Where the route names it.
    pub(crate) pointer: String,
    /// Its namespace.
    pub(crate) namespace: &'s str,
    /// Its name.
    pub(crate) name: &'s str,
    /// Its port, as clients see it.
    pub(crate) port: Option<u16>,
}

/// Every route.
pub(crate) fn routes<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Route<'s>> {
    let kinds = KINDS.into_iter();
    kinds
        .flat_map(|kind| subject.of_kind(GROUP, kind))
        .map(|spot| Route { spot })
}

impl<'s> Route<'s> {
    /// Its hosts; none for all of its listeners'.
    pub(crate) fn hosts(self) -> impl Iterator<Item = &'s str> {
        let hosts = list(self.spot.object.value, "/spec/hostnames").iter();
        hosts.filter_map(Value::as_str)
    }

    /// The Gateways among its parents.
    pub(crate) fn parents(self) -> impl Iterator<Item = Parent<'s>> {
        parents(
            list(self.spot.object.value, "/spec/parentRefs"),
            self.spot.namespace(),
        )
    }

    /// Its rules.
    pub(crate) fn rules(self) -> &'s [Value] {
        list(self.spot.object.value, "/spec/rules")
    }

    /// Whether all it does is to send clients to HTTPS.
    pub(crate) fn only_redirects(self) -> bool {
        let redirects = |rule: &Value| {
            let mut filters = list(rule, "/filters").iter();
            filters.any(|filter| text(filter, "/requestRedirect/scheme") == "https")
        };
        !self.rules().is_empty() && self.rules().iter().all(redirects)
    }

    /// The Services that it leads to.
    pub(crate) fn backends(self) -> impl Iterator<Item = Backend<'s>> {
        let rules = self.rules().iter().enumerate();
        rules.flat_map(move |(rule_at, rule)| {
            let references = list(rule, "/backendRefs").iter().enumerate();
            references
                .filter(|(_, reference)| is(reference, "kind", "Service"))
                .map(move |(at, reference)| Backend {
                    pointer: format!("/spec/rules/{rule_at}/backendRefs/{at}"),
                    namespace: reference["namespace"]
                        .as_str()
                        .unwrap_or(self.spot.namespace()),
                    name: text(reference, "/name"),
                    port: reference["port"]
                        .as_u64()
                        .and_then(|port| u16::try_from(port).ok()),
                })
        })
    }
}

/// The Gateways of a list of parents.
pub(crate) fn parents<'s>(
    references: &'s [Value],
    namespace: &'s str,
) -> impl Iterator<Item = Parent<'s>> {
    let references = references.iter().enumerate();
    references
        .filter(|(_, reference)| is(reference, "kind", "Gateway") && is(reference, "group", GROUP))
        .map(move |(position, reference)| Parent {
            position,
            namespace: reference["namespace"].as_str().unwrap_or(namespace),
            name: text(reference, "/name"),
            section: reference["sectionName"].as_str(),
            port: reference["port"].as_u64(),
        })
}

/// Whether a field has a value, which it also has where it is left out.
fn is(reference: &Value, field: &str, default: &str) -> bool {
    reference[field]
        .as_str()
        .is_none_or(|value| value == default)
}
