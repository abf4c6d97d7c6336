//! Kubernetes objects as JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// A Kubernetes object: a JSON object with `apiVersion`, `kind` and
/// `metadata.name`.
#[derive(Debug, Clone, PartialEq)]
pub struct Object(Map<String, Value>);

impl Object {
    /// An object of a cluster-scoped kind; [`namespaced`](Self::namespaced)
    /// for the others.
    pub fn cluster_scoped(api_version: &str, kind: &str, name: &str) -> Self {
        let mut object = Map::new();
        object.insert("apiVersion".to_owned(), api_version.into());
        object.insert("kind".to_owned(), kind.into());
        object.insert("metadata".to_owned(), json!({ "name": name }));
        Self(object)
    }

    /// An object in a namespace.
    pub fn namespaced(api_version: &str, kind: &str, namespace: &str, name: &str) -> Self {
        let mut object = Self::cluster_scoped(api_version, kind, name);
        object
            .metadata()
            .insert("namespace".to_owned(), namespace.into());
        object
    }

    /// An object from JSON as it stands, such as a vendored CRD; the host
    /// checks what it is.
    pub fn from_map(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// Sets `spec`.
    pub fn spec(self, spec: Value) -> Self {
        self.field("spec", spec)
    }

    /// Sets a field beside `metadata`.
    pub fn field(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
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
        self.0
            .entry("metadata")
            .or_insert_with(|| Value::Object(Map::new()))
            .as_object_mut()
            .expect("metadata is an object")
    }

    /// The object as JSON.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The object as JSON, taken.
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
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
        self.0.get("metadata")?.get("namespace")?.as_str()
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
        self.0
            .get(&first.replace("~1", "/").replace("~0", "~"))?
            .pointer(&rest)
    }

    fn text(&self, pointer: &str) -> &str {
        self.at(pointer).and_then(Value::as_str).unwrap_or_default()
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
}
