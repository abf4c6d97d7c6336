//! What may be forwarded through tunnels: the `pod-route` facts, and the
//! `ztgit.dev/site-route` facts of whoever connects networks.

use serde::Deserialize;
use ztgit_plugin::fact::PodRoute;
use ztgit_plugin::{Cidr, Diagnostic, FactScope, Facts, StatedFact};

use crate::address_set::AddressSet;
use crate::comment::Comment;
use crate::interface::Interface;
use crate::opening::interface_of;

/// The name of the kind that is not standard.
pub(crate) const SITE_ROUTE: &str = "ztgit.dev/site-route";

/// The value of such a fact.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SiteRoute {
    interface: String,
    remote: Vec<Cidr>,
    local: Vec<Cidr>,
    opener: End,
    purpose: String,
}

/// Connections that may be opened through a tunnel.
#[derive(Debug)]
pub(crate) struct Route {
    /// The interface of the tunnel.
    pub(crate) interface: Interface,
    /// Who is at its other end.
    pub(crate) remote: AddressSet,
    /// Who is at this end.
    pub(crate) local: Local,
    /// Who opens connections.
    pub(crate) opener: End,
    /// On whose behalf.
    pub(crate) comment: Comment,
}

/// Who is at the near end of a route.
#[derive(Debug)]
pub(crate) enum Local {
    /// The cluster's pods.
    Pods,
    /// These networks.
    Networks(AddressSet),
}

/// An end of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum End {
    /// Behind the tunnel.
    Remote,
    /// On this side of it.
    Local,
}

/// All routes of a cluster, each on the nodes that it concerns.
#[derive(Debug, Default)]
pub(crate) struct Routes(Vec<(FactScope, Route)>);

impl Routes {
    /// All well-formed facts.
    pub(crate) fn gather(facts: &Facts, findings: &mut Vec<Diagnostic>) -> Self {
        let mut routes = Vec::new();
        let mut add = |index, scope: &FactScope, route: Result<Route, Diagnostic>| match route {
            Ok(route) => routes.push((scope.clone(), route)),
            Err(finding) => findings.push(finding.at_fact(index)),
        };
        for stated in facts.of::<PodRoute>() {
            let route = Route::to_pods(stated.provider, &stated.value);
            add(stated.index, stated.scope, route);
        }
        let of_sites = |stated: &&StatedFact| stated.fact.kind == SITE_ROUTE;
        let all = facts.iter().enumerate();
        for (index, stated) in all.filter(|(_, stated)| of_sites(stated)) {
            add(index, &stated.fact.scope, Route::to_networks(stated));
        }
        Self(routes)
    }

    /// Those of one node.
    pub(crate) fn on(&self, node: &str) -> impl Iterator<Item = &Route> {
        self.0
            .iter()
            .filter(move |(scope, _)| scope.covers(node))
            .map(|(_, route)| route)
    }
}

impl Route {
    fn to_pods(provider: &str, route: &PodRoute) -> Result<Self, Diagnostic> {
        Ok(Self {
            interface: interface_of(&route.interface, provider)?,
            remote: [route.range].into_iter().collect(),
            local: Local::Pods,
            opener: End::Remote,
            comment: Comment::new(provider, &route.purpose),
        })
    }

    fn to_networks(stated: &StatedFact) -> Result<Self, Diagnostic> {
        let provider = &stated.provider;
        let value = serde_json::from_value(stated.fact.value.clone());
        let route: SiteRoute = value.map_err(|error| {
            let message = format!("a fact of `{provider}` cannot be read: {error}");
            Diagnostic::error("site-route", message).hint(format!(
                "report this to the authors of the plugin `{provider}`"
            ))
        })?;
        Ok(Self {
            interface: interface_of(&route.interface, provider)?,
            remote: route.remote.into_iter().collect(),
            local: Local::Networks(route.local.into_iter().collect()),
            opener: route.opener,
            comment: Comment::new(provider, &route.purpose),
        })
    }
}
