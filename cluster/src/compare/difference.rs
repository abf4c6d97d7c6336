//! Where two states of an object differ, for what Flux looks at.

use serde_json::{Map, Value};

use crate::object::segment;
use crate::report::ChangeKind;

/// A field that differs: where, in which way, and both values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference<'a> {
    pub(crate) pointer: String,
    pub(crate) expected: Option<&'a Value>,
    pub(crate) found: Option<&'a Value>,
}

impl Difference<'_> {
    /// In which way it differs.
    pub(crate) fn kind(&self) -> ChangeKind {
        match (self.expected, self.found) {
            (Some(_), None) => ChangeKind::Removed,
            (None, Some(_)) => ChangeKind::Added,
            _ => ChangeKind::Changed,
        }
    }
}

/// What Flux compares of an object: labels, annotations, and everything but
/// `metadata` and `status`.
pub(crate) fn compared(object: &Value) -> Value {
    let mut compared = Map::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        if name != "metadata" && name != "status" {
            compared.insert(name.clone(), value.clone());
        }
    }
    let mut metadata = Map::new();
    for place in ["labels", "annotations"] {
        let value = &object["metadata"][place];
        if value.as_object().is_some_and(|entries| !entries.is_empty()) {
            metadata.insert(place.to_owned(), value.clone());
        }
    }
    compared.insert("metadata".to_owned(), Value::Object(metadata));
    Value::Object(compared)
}

/// Whether Flux compares the field at a pointer.
pub(crate) fn is_compared(pointer: &str) -> bool {
    let mut segments = pointer.split('/').skip(1);
    match segments.next() {
        Some("metadata") => matches!(segments.next(), Some("labels" | "annotations")),
        Some("status" | "apiVersion" | "kind") | None => false,
        Some(_) => true,
    }
}

/// All differences, as deep as they can be told.
pub(crate) fn differences<'a>(expected: &'a Value, found: &'a Value) -> Vec<Difference<'a>> {
    let mut differences = Vec::new();
    walk(String::new(), expected, found, &mut differences);
    differences
}

fn walk<'a>(pointer: String, expected: &'a Value, found: &'a Value, out: &mut Vec<Difference<'a>>) {
    match (expected, found) {
        (Value::Object(left), Value::Object(right)) => walk_fields(&pointer, left, right, out),
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                walk(format!("{pointer}/{index}"), left, right, out);
            }
        }
        (Value::Array(left), Value::Array(right)) if has_names(left) && has_names(right) => {
            walk_items(&pointer, left, right, out);
        }
        _ if expected == found => {}
        _ => out.push(Difference {
            pointer,
            expected: Some(expected),
            found: Some(found),
        }),
    }
}

fn walk_fields<'a>(
    pointer: &str,
    expected: &'a Map<String, Value>,
    found: &'a Map<String, Value>,
    out: &mut Vec<Difference<'a>>,
) {
    for (name, value) in expected {
        let pointer = format!("{pointer}{}", segment(name));
        one(pointer, Some(value), found.get(name), out);
    }
    for (name, value) in found {
        if !expected.contains_key(name) {
            one(
                format!("{pointer}{}", segment(name)),
                None,
                Some(value),
                out,
            );
        }
    }
}

/// Items of lists such as containers and ports, each by its name. Their places
/// are those in the cluster, or in git for what the cluster lacks.
fn walk_items<'a>(
    pointer: &str,
    expected: &'a [Value],
    found: &'a [Value],
    out: &mut Vec<Difference<'a>>,
) {
    let same = |list: &'a [Value], item: &Value| {
        let mut items = list.iter().enumerate();
        items.find(|(_, other)| other["name"] == item["name"])
    };
    for (index, item) in expected.iter().enumerate() {
        match same(found, item) {
            Some((place, other)) => walk(format!("{pointer}/{place}"), item, other, out),
            None => one(format!("{pointer}/{index}"), Some(item), None, out),
        }
    }
    for (index, item) in found.iter().enumerate() {
        if same(expected, item).is_none() {
            one(format!("{pointer}/{index}"), None, Some(item), out);
        }
    }
}

fn one<'a>(
    pointer: String,
    expected: Option<&'a Value>,
    found: Option<&'a Value>,
    out: &mut Vec<Difference<'a>>,
) {
    match (expected, found) {
        (Some(expected), Some(found)) => walk(pointer, expected, found, out),
        _ => out.push(Difference {
            pointer,
            expected,
            found,
        }),
    }
}

fn has_names(items: &[Value]) -> bool {
    let names: std::collections::BTreeSet<&str> = items
        .iter()
        .filter_map(|item| item["name"].as_str())
        .collect();
    names.len() == items.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pointers(expected: &Value, found: &Value) -> Vec<(String, ChangeKind)> {
        let found = differences(expected, found);
        found
            .iter()
            .map(|d| (d.pointer.clone(), d.kind()))
            .collect()
    }

    #[test]
    fn a_field_is_changed_removed_or_added() {
        let expected = json!({"spec": {"a": 1, "b/c": 2, "same": [1]}});
        let found = json!({"spec": {"a": 2, "d": 3, "same": [1]}});
        assert_eq!(
            pointers(&expected, &found),
            [
                ("/spec/a".to_owned(), ChangeKind::Changed),
                ("/spec/b~1c".to_owned(), ChangeKind::Removed),
                ("/spec/d".to_owned(), ChangeKind::Added),
            ]
        );
    }

    #[test]
    fn an_item_more_is_told_by_its_name() {
        let expected = json!([{"name": "web"}]);
        let found = json!([{"name": "debug"}, {"name": "web"}]);
        assert_eq!(
            pointers(&expected, &found),
            [("/0".to_owned(), ChangeKind::Added)]
        );
    }

    #[test]
    fn only_labels_and_annotations_of_the_metadata_are_compared() {
        let object = json!({"kind": "X", "metadata": {"uid": "1", "labels": {"a": "b"},
            "annotations": {}}, "status": {}, "data": {}});
        let expected = json!({"kind": "X", "metadata": {"labels": {"a": "b"}}, "data": {}});
        assert_eq!(compared(&object), expected);
        assert!(is_compared("/metadata/labels/a"));
        assert!(!is_compared("/metadata/finalizers"));
        assert!(!is_compared("/status/phase"));
        assert!(is_compared("/data"));
    }
}
