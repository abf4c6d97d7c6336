//! Kubernetes objects as JSON.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

/// A Kubernetes object: a JSON object with `apiVersion`, `kind` and
/// `metadata.name`.
#[derive(Debug, Clone)]
pub struct Object {
    fields: OnceLock<Map<String, Value>>,
    /// What it was published as, until something of it is changed.
    published: Option<String>,
}

impl Object {
    /// An object of a cluster-scoped kind; [`namespaced`](Self::namespaced)
    /// for the others.
    pub fn cluster_scoped(api_version: &str, kind: &str, name: &str) -> Self {
        let mut object = Map::new();
        object.insert("apiVersion".to_owned(), api_version.into());
        object.insert("kind".to_owned(), kind.into());
        object.insert("metadata".to_owned(), json!({ "name": name }));
        Self::from_map(object)
    }

    /// An object in a namespace.
    pub fn namespaced(api_version: &str, kind: &str, namespace: &str, name: &str) -> Self {
        let mut object = Self::cluster_scoped(api_version, kind, name);
        object
            .metadata()
            .insert("namespace".to_owned(), namespace.into());
        object
    }

    /// An object from JSON as it stands; the host checks what it is.
    pub fn from_map(map: Map<String, Value>) -> Self {
        Self {
            fields: map.into(),
            published: None,
        }
    }

    /// An object from the text of one, such as a vendored CRD. It is handed on as it
    /// is, and only parsed where somebody looks inside; then it has to be an object.
    pub fn published(json: String) -> Self {
        Self {
            fields: OnceLock::new(),
            published: Some(json),
        }
    }

    /// Sets `spec`.
    pub fn spec(self, spec: Value) -> Self {
        self.field("spec", spec)
    }

    /// Sets a field beside `metadata`.
    pub fn field(mut self, name: &str, value: Value) -> Self {
        self.change().insert(name.to_owned(), value);
        self
    }

    /// Adds a label.
    pub fn label(self, key: &str, value: &str) -> Self {
        self.metadata_entry("labels", key, value)
    }

    /// Adds labels.
    pub fn labels(mut self, labels: &BTreeMap<String, String>) -> Self {
        for (key, value) in labels {
            self = self.label(key, value);
        }
        self
    }

    /// Adds an annotation.
    pub fn annotation(self, key: &str, value: &str) -> Self {
        self.metadata_entry("annotations", key, value)
    }

    fn metadata_entry(mut self, field: &str, key: &str, value: &str) -> Self {
        let entries = self
            .metadata()
            .entry(field)
            .or_insert_with(|| Value::Object(Map::new()))
            .as_object_mut()
            .expect("labels and annotations are objects");
        entries.insert(key.to_owned(), value.into());
        self
    }

    fn metadata(&mut self) -> &mut Map<String, Value> {
        self.change()
            .entry("metadata")
            .or_insert_with(|| Value::Object(Map::new()))
            .as_object_mut()
            .expect("metadata is an object")
    }

    fn change(&mut self) -> &mut Map<String, Value> {
        self.as_map();
        self.published = None;
        self.fields.get_mut().expect("it was read just now")
    }

    /// The object as JSON.
    pub fn as_map(&self) -> &Map<String, Value> {
        self.fields.get_or_init(|| {
            let text = self.published.as_deref().unwrap_or_default();
            serde_json::from_str(text).expect("what is published is a JSON object")
        })
    }

    /// The object as JSON, taken.
    pub fn into_value(mut self) -> Value {
        Value::Object(std::mem::take(self.change()))
    }

    /// The object as a JSON text.
    pub fn to_text(&self) -> String {
        // Not by `Display`, which passes every token through a formatter.
        let written = || serde_json::to_string(self.as_map()).expect("an object is JSON");
        self.published.clone().unwrap_or_else(written)
    }

    /// `apiVersion`, or nothing where there is none.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    /// `kind`, or nothing where there is none.
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// `metadata.name`, or nothing where there is none.
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// `metadata.namespace`.
    pub fn namespace(&self) -> Option<&str> {
        self.as_map().get("metadata")?.get("namespace")?.as_str()
    }

    /// The group of `apiVersion`, empty for the core group.
    pub fn group(&self) -> &str {
        self.api_version()
            .split_once('/')
            .map_or("", |(group, _)| group)
    }

    /// The value at a JSON Pointer.
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        let (first, rest) = pointer.strip_prefix('/')?.split_once('/').map_or_else(
            || (pointer.get(1..).unwrap_or_default(), String::new()),
            |(first, rest)| (first, format!("/{rest}")),
        );
        self.as_map()
            .get(&first.replace("~1", "/").replace("~0", "~"))?
            .pointer(&rest)
    }

    fn text(&self, pointer: &str) -> &str {
        self.at(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.as_map() == other.as_map()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_object_are_found() {
        let object = Object::namespaced("cilium.io/v2", "CiliumNetworkPolicy", "demo", "web")
            .label("app", "web")
            .spec(json!({"ingress": [{}]}));
        assert_eq!(object.group(), "cilium.io");
        assert_eq!(object.namespace(), Some("demo"));
        assert_eq!(object.name(), "web");
        assert_eq!(object.at("/spec/ingress/0"), Some(&json!({})));
        assert_eq!(object.at("/metadata/labels/app"), Some(&json!("web")));
        assert_eq!(object.at("/status"), None);
    }

    #[test]
    fn what_is_published_is_handed_on_as_it_is_until_it_is_changed() {
        let text = r#"{"kind": "Widget", "apiVersion": "example.com/v1"}"#;
        let object = Object::published(text.to_owned());
        assert_eq!(object.kind(), "Widget");
        assert_eq!(object.to_text(), text);
        let mut fields = object.as_map().clone();
        assert_eq!(object, Object::from_map(fields.clone()));
        fields.insert("spec".to_owned(), json!({}));
        let changed = object.spec(json!({})).to_text();
        assert_eq!(changed, Value::Object(fields).to_string());
    }
}
