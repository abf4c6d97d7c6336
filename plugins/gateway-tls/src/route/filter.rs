//! Filters that change headers.

use serde_json::{Map, Value, json};

use super::rule::{add_list, named_values};
use crate::config::Headers;

/// The filters of a rule.
pub(super) fn all(request: &Headers, response: &Headers) -> Vec<Value> {
    let request = modifier(request)
        .map(|change| json!({"type": "RequestHeaderModifier", "requestHeaderModifier": change}));
    let response = modifier(response)
        .map(|change| json!({"type": "ResponseHeaderModifier", "responseHeaderModifier": change}));
    request.into_iter().chain(response).collect()
}

fn modifier(headers: &Headers) -> Option<Value> {
    let mut change = Map::new();
    add_list(&mut change, "set", named_values(&headers.set));
    add_list(&mut change, "add", named_values(&headers.add));
    let removed = headers.remove.iter();
    let removed = removed.map(|name| name.as_str().into()).collect();
    add_list(&mut change, "remove", removed);
    (!change.is_empty()).then(|| change.into())
}
