//! What a plugin says of itself, in the words of the terminal and in JSON.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use ztgit_plugin::Description;

use crate::plugin::{Origin, Plugin, WIT_VERSION};

pub(super) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::FirstParty => "built-in",
        Origin::ThirdParty => "third-party",
    }
}

pub(super) fn grants(description: &Description) -> Vec<String> {
    let grants = &description.grants;
    let mut lines = Vec::new();
    for (what, names) in [
        ("namespaces", &grants.namespaces),
        ("cluster kinds", &grants.cluster_kinds),
        ("host paths", &grants.host_paths),
    ] {
        if !names.is_empty() {
            lines.push(format!("{what}: {}", names.join(", ")));
        }
    }
    for (kind, limits) in &grants.facts {
        lines.push(format!("fact {kind}: {}", limits.join(", ")));
    }
    lines
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
        "grants": {
            "namespaces": description.grants.namespaces,
            "clusterKinds": description.grants.cluster_kinds,
            "hostPaths": description.grants.host_paths,
            "facts": description.grants.facts.iter().cloned().collect::<BTreeMap<_, _>>(),
        },
        "configSchema": description.config_schema,
    })
}
