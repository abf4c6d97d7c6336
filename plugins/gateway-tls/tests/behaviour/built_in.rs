//! Kubernetes' own kinds, by its `OpenAPI`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use ztgit_plugin::vendored;

use crate::definition::strict;

/// The kinds with what they consist of.
pub(crate) struct BuiltIn {
    definitions: Value,
    kinds: BTreeMap<(String, String), String>,
}

impl BuiltIn {
    pub(crate) fn new() -> Self {
        let vendored = vendored::unpack(include_bytes!("../../../../host/data/kubernetes.json.zz"));
        let definitions = vendored["definitions"].as_object().unwrap().iter();
        let definitions: Map<_, _> = definitions
            .map(|(name, schema)| (name.clone(), referring(strict(schema))))
            .collect();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let kinds = vendored["kinds"].as_array().unwrap().iter();
        let kinds = kinds.map(|kind| {
            let key = (text(&kind["apiVersion"]), text(&kind["kind"]));
            (key, text(&kind["definition"]))
        });
        Self {
            kinds: kinds.collect(),
            definitions: definitions.into(),
        }
    }

    /// Everything wrong with an object.
    pub(crate) fn problems(&self, object: &Value) -> Vec<String> {
        let text = |field: &str| object[field].as_str().unwrap().to_owned();
        let Some(name) = self.kinds.get(&(text("apiVersion"), text("kind"))) else {
            return vec!["its kind is not known".to_owned()];
        };
        let schema = json!({"$defs": self.definitions, "$ref": format!("#/$defs/{name}")});
        let validator = jsonschema::validator_for(&schema).unwrap();
        let errors = validator.iter_errors(object);
        errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }
}

/// With references as JSON Schema writes them.
fn referring(schema: Value) -> Value {
    match schema {
        Value::Object(keywords) => {
            let keywords = keywords.into_iter().map(|(keyword, value)| {
                let value = match (keyword.as_str(), &value) {
                    ("$ref", Value::String(name)) => format!("#/$defs/{name}").into(),
                    _ => referring(value),
                };
                (keyword, value)
            });
            Value::Object(keywords.collect())
        }
        Value::Array(items) => items.into_iter().map(referring).collect(),
        other => other,
    }
}
