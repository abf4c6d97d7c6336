//! What a plugin says of itself, in the words of the terminal and in JSON.

use serde_json::{Value, json};
use ztgit_plugin::Description;

use super::grant;
use crate::plugin::{Origin, Plugin, WIT_VERSION};

pub(super) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::FirstParty => "built-in",
        Origin::ThirdParty => "third-party",
    }
}

/// What it asks for.
pub(super) fn grants(description: &Description) -> Vec<String> {
    grant::lines(&grant::as_asked(&description.grants))
}

pub(super) fn to_json(plugin: &Plugin<'_>) -> Value {
    let description = plugin.description();
    let provides: Vec<&str> = description
        .provides
        .iter()
        .map(|(kind, _)| kind.as_str())
        .collect();
    let consumes: Vec<&str> = description
        .consumes
        .iter()
        .map(|(kind, _)| kind.as_str())
        .collect();
    json!({
        "name": plugin.name(),
        "version": description.version,
        "summary": description.summary,
        "origin": origin(plugin.origin()),
        "digest": plugin.digest(),
        "wit": WIT_VERSION,
        "wasi": plugin.wasi_imports(),
        "provides": provides,
        "consumes": consumes,
        "grants": grant::to_json(&grant::as_asked(&description.grants)),
        "configSchema": description.config_schema,
    })
}
