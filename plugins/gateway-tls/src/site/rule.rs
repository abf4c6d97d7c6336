//! Rules of a route: which requests go to which Services.

use std::collections::BTreeMap;

use ztgit_plugin::{Cluster, Diagnostic};

use super::backend::{self, Backend};
use crate::config::{self, GrpcRule, Headers, HttpRule};
use crate::matching;

/// A rule with its Services.
#[derive(Debug)]
pub(crate) struct Rule<'a, R> {
    /// Its name and its settings, unless it is for all requests of a host.
    pub(crate) written: Option<(&'a str, &'a R)>,
    pub(crate) backends: Vec<Backend<'a>>,
}

impl<'a, R> Rule<'a, R> {
    /// All requests to one Service.
    pub(super) fn unconditional(backend: Backend<'a>) -> Self {
        Self {
            written: None,
            backends: vec![backend],
        }
    }
}

/// The rules of `routes`.
pub(super) fn http<'a>(
    cluster: &'a Cluster,
    place: &[&str],
    rules: &'a BTreeMap<String, HttpRule>,
) -> Result<Vec<Rule<'a, HttpRule>>, Vec<Diagnostic>> {
    let found = matching::too_many(place, "routes", rules.values().map(|rule| &rule.matches));
    let rules = all(rules, |name, rule| {
        let place = [place, &["routes", name]].concat();
        let mut found = matching::http(&place, rule);
        found.extend(headers(
            &place,
            &rule.request_headers,
            &rule.response_headers,
        ));
        let backends = backends(cluster, &place, rule.backend.as_ref(), &rule.backends);
        joined(backends, found)
    });
    joined(rules, found)
}

/// The rules of `grpc`.
pub(super) fn grpc<'a>(
    cluster: &'a Cluster,
    place: &[&str],
    rules: &'a BTreeMap<String, GrpcRule>,
) -> Result<Vec<Rule<'a, GrpcRule>>, Vec<Diagnostic>> {
    let found = matching::too_many(place, "grpc", rules.values().map(|rule| &rule.matches));
    let rules = all(rules, |name, rule| {
        let place = [place, &["grpc", name]].concat();
        let mut found = matching::grpc(&place, rule);
        found.extend(headers(
            &place,
            &rule.request_headers,
            &rule.response_headers,
        ));
        let backends = backends(cluster, &place, rule.backend.as_ref(), &rule.backends);
        joined(backends, found)
    });
    joined(rules, found)
}

fn headers(place: &[&str], request: &Headers, response: &Headers) -> Vec<Diagnostic> {
    let mut found = matching::headers(place, "requestHeaders", request);
    found.extend(matching::headers(place, "responseHeaders", response));
    found
}

/// Every rule, or the findings of all that have some.
fn all<'a, R>(
    rules: &'a BTreeMap<String, R>,
    resolve: impl Fn(&'a str, &'a R) -> Result<Vec<Backend<'a>>, Vec<Diagnostic>>,
) -> Result<Vec<Rule<'a, R>>, Vec<Diagnostic>> {
    let mut resolved = Vec::new();
    let mut found = Vec::new();
    for (name, rule) in rules {
        match resolve(name, rule) {
            Ok(backends) => resolved.push(Rule {
                written: Some((name, rule)),
                backends,
            }),
            Err(more) => found.extend(more),
        }
    }
    joined(Ok(resolved), found)
}

fn backends<'a>(
    cluster: &'a Cluster,
    place: &[&str],
    one: Option<&'a config::Backend>,
    several: &'a BTreeMap<String, config::Backend>,
) -> Result<Vec<Backend<'a>>, Vec<Diagnostic>> {
    let written: Vec<(Vec<&str>, &config::Backend)> = match (one, several.is_empty()) {
        (Some(backend), true) => vec![([place, &["backend"]].concat(), backend)],
        (None, false) => several
            .iter()
            .map(|(name, backend)| ([place, &["backends", name]].concat(), backend))
            .collect(),
        _ => return Err(vec![not_one_of(place)]),
    };
    if written.iter().all(|(_, backend)| backend.weight == Some(0)) {
        return Err(vec![no_weight(place)]);
    }
    let mut resolved = Vec::new();
    let mut found = Vec::new();
    for (place, backend) in written {
        match backend::resolve(cluster, &place, backend.into()) {
            Ok(backend) => resolved.push(backend),
            Err(more) => found.push(more),
        }
    }
    joined(Ok(resolved), found)
}

fn joined<T>(
    result: Result<T, Vec<Diagnostic>>,
    found: Vec<Diagnostic>,
) -> Result<T, Vec<Diagnostic>> {
    match result {
        Err(mut more) => {
            more.extend(found);
            Err(more)
        }
        Ok(_) if !found.is_empty() => Err(found),
        Ok(value) => Ok(value),
    }
}

fn not_one_of(place: &[&str]) -> Diagnostic {
    Diagnostic::error(
        "route-backends",
        "where a rule's requests go is one of `backend` and `backends`",
    )
    .at_config(place.iter().copied())
    .hint("give `backend` for one Service, `backends` for shares of several")
}

fn no_weight(place: &[&str]) -> Diagnostic {
    Diagnostic::error(
        "no-weight",
        "every back-end has weight 0, so each request is answered with status 500",
    )
    .at_config(place.iter().copied())
    .hint("give one of them a weight")
}
