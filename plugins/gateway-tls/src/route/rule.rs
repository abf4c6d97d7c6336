//! Rules: matches, filters, timeouts and Services.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{backend, filter};
use crate::config::{GrpcMatch, GrpcRule, HttpMatch, HttpRule, Timeouts};
use crate::site::{Rule, Settings, Site};

/// A rule of an `HTTPRoute`.
pub(super) fn http(site: &Site<'_>, rule: &Rule<'_, HttpRule>) -> Value {
    let mut rendered = any(site, rule, http_match);
    let timeouts = rule.written.and_then(|(_, rule)| timeouts(&rule.timeouts));
    if let Some(timeouts) = timeouts {
        rendered.insert("timeouts".to_owned(), timeouts);
    }
    rendered.into()
}

/// A rule of a `GRPCRoute`.
pub(super) fn grpc(site: &Site<'_>, rule: &Rule<'_, GrpcRule>) -> Value {
    any(site, rule, grpc_match).into()
}

fn any<R: Settings>(
    site: &Site<'_>,
    rule: &Rule<'_, R>,
    rendered_match: fn(&R::Match) -> Value,
) -> Map<String, Value> {
    let references = rule.backends.iter();
    let references: Vec<_> = references
        .map(|each| backend::reference(site, each))
        .collect();
    let mut rendered = Map::from_iter([("backendRefs".to_owned(), references.into())]);
    if let Some((name, settings)) = rule.written {
        rendered.insert("name".to_owned(), name.into());
        let matches = settings.matches().iter().map(rendered_match);
        add_list(&mut rendered, "matches", matches.collect());
        let filters = filter::all(settings.request_headers(), settings.response_headers());
        add_list(&mut rendered, "filters", filters);
    }
    rendered
}

fn http_match(written: &HttpMatch) -> Value {
    let mut rendered = Map::new();
    let paths = [
        ("PathPrefix", &written.path),
        ("Exact", &written.exact_path),
        ("RegularExpression", &written.path_regex),
    ];
    for (kind, path) in paths {
        if let Some(path) = path {
            rendered.insert("path".to_owned(), json!({"type": kind, "value": path}));
        }
    }
    if let Some(method) = written.method {
        rendered.insert("method".to_owned(), method.name().into());
    }
    add_list(&mut rendered, "headers", named_values(&written.headers));
    add_list(&mut rendered, "queryParams", named_values(&written.query));
    rendered.into()
}

fn grpc_match(written: &GrpcMatch) -> Value {
    let mut method = Map::new();
    for (name, value) in [("service", &written.service), ("method", &written.method)] {
        if let Some(value) = value {
            method.insert(name.to_owned(), value.as_str().into());
        }
    }
    let mut rendered = Map::new();
    if !method.is_empty() {
        rendered.insert("method".to_owned(), method.into());
    }
    add_list(&mut rendered, "headers", named_values(&written.headers));
    rendered.into()
}

/// Names with values, as the API lists them.
pub(super) fn named_values(values: &BTreeMap<String, String>) -> Vec<Value> {
    let values = values.iter();
    values
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect()
}

/// Adds a list unless it is empty.
pub(super) fn add_list(object: &mut Map<String, Value>, field: &str, list: Vec<Value>) {
    if !list.is_empty() {
        object.insert(field.to_owned(), list.into());
    }
}

fn timeouts(written: &Timeouts) -> Option<Value> {
    let mut rendered = Map::new();
    for (name, value) in [
        ("request", &written.request),
        ("backendRequest", &written.backend),
    ] {
        if let Some(value) = value {
            rendered.insert(name.to_owned(), value.as_str().into());
        }
    }
    (!rendered.is_empty()).then(|| rendered.into())
}
