//! Upstream data that a plugin carries: JSON, packed with zlib by a script
//! under `scripts/vendor/`.

use serde_json::Value;

use crate::description::{ObjectSchema, ObjectScope};
use crate::object::Object;

/// Unpacks what the script packed.
pub fn unpack(packed: &[u8]) -> Value {
    serde_json::from_str(&text(packed)).expect("the script packs valid JSON")
}

/// Unpacks objects, one a line, that are not looked into.
pub fn objects(packed: &[u8]) -> Vec<Object> {
    let text = text(packed);
    let lines = text.lines().map(str::to_owned);
    lines.map(Object::published).collect()
}

fn text(packed: &[u8]) -> String {
    let text = miniz_oxide::inflate::decompress_to_vec_zlib(packed)
        .expect("the data is embedded as the script wrote it");
    String::from_utf8(text).expect("the script packs UTF-8")
}

/// Unpacks a list of `{apiVersion, kind, scope, schema}`.
pub fn schemas(packed: &[u8]) -> Vec<ObjectSchema> {
    let Value::Array(entries) = unpack(packed) else {
        panic!("the script packs a list of schemas");
    };
    entries
        .into_iter()
        .map(|mut entry| ObjectSchema {
            api_version: entry["apiVersion"].as_str().unwrap_or_default().to_owned(),
            kind: entry["kind"].as_str().unwrap_or_default().to_owned(),
            scope: match entry["scope"].as_str() {
                Some("Cluster") => ObjectScope::Cluster,
                _ => ObjectScope::Namespaced,
            },
            schema: entry["schema"].take(),
        })
        .collect()
}
