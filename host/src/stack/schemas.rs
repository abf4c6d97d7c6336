//! The JSON Schemas of a stack's files.

use std::collections::BTreeMap;

use schemars::schema_for;
use serde_json::{Value, json};

use super::schema::{AppSpec, ClusterSpec, Document, StackSpec};

/// `stack.yaml`, where defaults and profiles may leave anything out.
pub(super) fn stack_file() -> Value {
    partial(
        schema_for!(Document<StackSpec<ClusterSpec>>).to_value(),
        "StackSpec",
    )
}

/// A file under `clusters/`.
pub(super) fn cluster_file() -> Value {
    partial(schema_for!(Document<ClusterSpec>).to_value(), "Document")
}

/// A file under `apps/`.
pub(super) fn app_file() -> Value {
    schema_for!(Document<AppSpec>).to_value()
}

/// A merged cluster, in which nothing may be missing.
pub(super) fn cluster() -> Value {
    schema_for!(ClusterSpec).to_value()
}

/// Only the envelope has to be complete in a file whose parts are merged with
/// others.
fn partial(mut schema: Value, complete: &str) -> Value {
    if let Some(definitions) = schema.get_mut("$defs").and_then(Value::as_object_mut) {
        for (name, definition) in definitions {
            if name != "Metadata" && !name.starts_with(complete) {
                definition
                    .as_object_mut()
                    .map(|definition| definition.remove("required"));
            }
        }
    }
    schema
}

/// What editors validate a stack's files against: by `kind`, with the plugins'
/// own schemas where their config stands.
pub fn document_schema(plugins: &BTreeMap<String, Value>) -> Value {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ztgit stack",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {"kind": {"enum": ["Stack", "Cluster", "App"]}},
        "allOf": [],
        "$defs": {}
    });
    for (kind, document) in [
        ("Stack", stack_file()),
        ("Cluster", cluster_file()),
        ("App", app_file()),
    ] {
        embed(&mut schema, kind, document, plugins);
    }
    schema
}

/// Moves a document's definitions under a prefix of its own, so that three
/// documents fit one schema.
fn embed(schema: &mut Value, kind: &str, mut document: Value, plugins: &BTreeMap<String, Value>) {
    rename_references(&mut document, kind);
    let definitions = document
        .as_object_mut()
        .and_then(|document| document.remove("$defs"))
        .unwrap_or_else(|| json!({}));
    let target = schema["$defs"]
        .as_object_mut()
        .expect("it was made an object");
    if let Value::Object(definitions) = definitions {
        for (name, mut definition) in definitions {
            if name.starts_with("ClusterSpec") {
                definition["properties"]["config"] = config_schema(plugins);
            }
            target.insert(format!("{kind}.{name}"), definition);
        }
    }
    for (plugin, config) in plugins {
        let mut config = config.clone();
        rename_references_to(&mut config, &format!("#/$defs/plugin.{plugin}/$defs/"));
        target.insert(format!("plugin.{plugin}"), config);
    }
    target.insert(kind.to_owned(), document);
    schema["allOf"]
        .as_array_mut()
        .expect("it was made a list")
        .push(json!({
            "if": {"properties": {"kind": {"const": kind}}},
            "then": {"$ref": format!("#/$defs/{kind}")}
        }));
}

fn config_schema(plugins: &BTreeMap<String, Value>) -> Value {
    let properties: BTreeMap<&String, Value> = plugins
        .keys()
        .map(|name| {
            (
                name,
                json!({"anyOf": [{"type": "null"}, {"$ref": format!("#/$defs/plugin.{name}")}]}),
            )
        })
        .collect();
    json!({
        "description": "Each plugin's own config; `null` takes the plugin out of the cluster.",
        "type": "object",
        "properties": properties
    })
}

fn rename_references(value: &mut Value, kind: &str) {
    rename_references_to(value, &format!("#/$defs/{kind}."));
}

fn rename_references_to(value: &mut Value, prefix: &str) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "$ref" => {
                        if let Some(name) = text.strip_prefix("#/$defs/") {
                            *text = format!("{prefix}{name}");
                        }
                    }
                    other => rename_references_to(other, prefix),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                rename_references_to(item, prefix);
            }
        }
        _ => {}
    }
}
