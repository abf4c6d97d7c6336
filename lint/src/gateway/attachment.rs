//! Which routes attach to which listeners.

use std::collections::BTreeMap;

use ztgit_plugin::host_name;

use super::route::{Parent, Route, routes};
use super::{Gateway, Listener, gateways};
use crate::json::{list, text};
use crate::subject::{ObjectIndex, Subject};

/// All Gateways with what attaches to them, worked out once.
pub(crate) struct Attachments<'s> {
    gateways: BTreeMap<(&'s str, &'s str), Gateway<'s>>,
    routes: Vec<(Route<'s>, Vec<Listener<'s>>)>,
    by_listener: BTreeMap<(ObjectIndex, usize), Vec<Route<'s>>>,
}

impl<'s> Attachments<'s> {
    /// Those of a subject.
    pub(crate) fn of(subject: &'s Subject<'s>) -> Self {
        let gateways = gateways(subject);
        let mut all = Self {
            gateways: gateways
                .map(|gateway| {
                    (
                        (gateway.spot.namespace(), gateway.spot.object.name()),
                        gateway,
                    )
                })
                .collect(),
            routes: Vec::new(),
            by_listener: BTreeMap::new(),
        };
        for route in routes(subject) {
            let listeners = all.attach(subject, route);
            for listener in &listeners {
                all.by_listener
                    .entry(key(*listener))
                    .or_default()
                    .push(route);
            }
            all.routes.push((route, listeners));
        }
        all
    }

    fn attach(&self, subject: &Subject<'_>, route: Route<'s>) -> Vec<Listener<'s>> {
        let parents = route.parents();
        parents
            .flat_map(|parent| self.meant(&parent))
            .filter(|listener| {
                takes(*listener, route.spot.object.kind())
                    && listener.admits(subject, route.spot.namespace())
                    && hosts_meet(route, *listener)
            })
            .collect()
    }

    /// The Gateway that is meant, where it is among the objects.
    pub(crate) fn gateway(&self, parent: &Parent<'_>) -> Option<Gateway<'s>> {
        self.gateways.get(&(parent.namespace, parent.name)).copied()
    }

    /// The listeners that a parent means.
    pub(crate) fn meant(&self, parent: &Parent<'_>) -> Vec<Listener<'s>> {
        let listeners = self
            .gateway(parent)
            .into_iter()
            .flat_map(Gateway::listeners);
        listeners
            .filter(|listener| {
                parent.section.is_none_or(|name| name == listener.name())
                    && parent.port.is_none_or(|port| port == listener.port())
            })
            .collect()
    }

    /// Every route with the listeners that it attaches to.
    pub(crate) fn routes(&self) -> impl Iterator<Item = (Route<'s>, &[Listener<'s>])> {
        let routes = self.routes.iter();
        routes.map(|(route, listeners)| (*route, &listeners[..]))
    }

    /// The routes that attach to a listener.
    pub(crate) fn of_listener(&self, listener: Listener<'_>) -> &[Route<'s>] {
        let found = self.by_listener.get(&key(listener));
        found.map_or(&[], Vec::as_slice)
    }
}

fn key(listener: Listener<'_>) -> (ObjectIndex, usize) {
    (listener.gateway.spot.index, listener.position)
}

/// Whether a listener takes routes of a kind.
pub(crate) fn takes(listener: Listener<'_>, kind: &str) -> bool {
    let kinds = list(listener.value, "/allowedRoutes/kinds");
    if !kinds.is_empty() {
        return kinds.iter().any(|one| text(one, "/kind") == kind);
    }
    match listener.protocol() {
        "HTTP" | "HTTPS" => matches!(kind, "HTTPRoute" | "GRPCRoute"),
        "TLS" => matches!(kind, "TLSRoute" | "TCPRoute"),
        "TCP" => kind == "TCPRoute",
        "UDP" => kind == "UDPRoute",
        _ => true,
    }
}

/// Whether a route and a listener have a host in common.
fn hosts_meet(route: Route<'_>, listener: Listener<'_>) -> bool {
    let Some(own) = listener.host() else {
        return true;
    };
    let mut hosts = route.hosts().peekable();
    hosts.peek().is_none() || hosts.any(|host| host_name::overlap(host, own))
}
