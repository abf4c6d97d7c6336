//! Rules of a route: which requests go to which Services.

use std::collections::BTreeMap;

use ztgit_plugin::{Cluster, Diagnostic};

use super::backend::{self, Backend};
use crate::config::{self, GrpcMatch, GrpcRule, Headers, HttpMatch, HttpRule};
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

/// What rules over HTTP and over gRPC have in common.
pub(crate) trait Settings {
    /// Where a host has such rules.
    const FIELD: &'static str;
    /// What describes requests.
    type Match;

    fn matches(&self) -> &[Self::Match];
    fn backend(&self) -> Option<&config::Backend>;
    fn backends(&self) -> &BTreeMap<String, config::Backend>;
    fn request_headers(&self) -> &Headers;
    fn response_headers(&self) -> &Headers;
    /// Everything wrong with what they do not have in common.
    fn problems(&self, place: &[&str]) -> Vec<Diagnostic>;
}

macro_rules! settings {
    ($rule:ty, $of:ty, $field:literal, $problems:path) => {
        impl Settings for $rule {
            const FIELD: &'static str = $field;
            type Match = $of;

            fn matches(&self) -> &[$of] {
                &self.matches
            }

            fn backend(&self) -> Option<&config::Backend> {
                self.backend.as_ref()
            }

            fn backends(&self) -> &BTreeMap<String, config::Backend> {
                &self.backends
            }

            fn request_headers(&self) -> &Headers {
                &self.request_headers
            }

            fn response_headers(&self) -> &Headers {
                &self.response_headers
            }

            fn problems(&self, place: &[&str]) -> Vec<Diagnostic> {
                $problems(place, self)
            }
        }
    };
}

settings!(HttpRule, HttpMatch, "routes", matching::http);
settings!(GrpcRule, GrpcMatch, "grpc", matching::grpc);

/// The rules of a host, or the findings of all that have some.
pub(super) fn all<'a, R: Settings>(
    cluster: &'a Cluster,
    place: &[&str],
    rules: &'a BTreeMap<String, R>,
) -> Result<Vec<Rule<'a, R>>, Vec<Diagnostic>> {
    let mut resolved = Vec::new();
    let counts = rules.values().map(|rule| rule.matches().len());
    let mut found = matching::too_many(place, R::FIELD, counts);
    for (name, rule) in rules {
        let place = [place, &[R::FIELD, name]].concat();
        match backends_of(cluster, &place, rule) {
            Ok(backends) => resolved.push(Rule {
                written: Some((name, rule)),
                backends,
            }),
            Err(more) => found.extend(more),
        }
    }
    joined(Ok(resolved), found)
}

fn backends_of<'a, R: Settings>(
    cluster: &'a Cluster,
    place: &[&str],
    rule: &'a R,
) -> Result<Vec<Backend<'a>>, Vec<Diagnostic>> {
    let mut found = rule.problems(place);
    found.extend(matching::headers(
        place,
        "requestHeaders",
        rule.request_headers(),
    ));
    found.extend(matching::headers(
        place,
        "responseHeaders",
        rule.response_headers(),
    ));
    let backends = backends(cluster, place, rule.backend(), rule.backends());
    joined(backends, found)
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
