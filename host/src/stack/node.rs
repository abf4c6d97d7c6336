//! A YAML value in which every part knows where it was written.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use crate::diagnostic::Span;

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: NodeValue,
    /// Where it was written.
    pub span: Span,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeValue {
    /// `null`, or nothing at all.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer or a float.
    Number(Number),
    /// A text.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A map by name.
    Mapping(Mapping),
}

/// A map by name; each key knows its place too.
pub type Mapping = BTreeMap<String, Field>;

/// An entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Where the key was written.
    pub key: Span,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The value without its places.
    pub fn to_json(&self) -> Value {
        match &self.value {
            NodeValue::Null => Value::Null,
            NodeValue::Bool(value) => Value::Bool(*value),
            NodeValue::Number(value) => Value::Number(value.clone()),
            NodeValue::String(value) => Value::String(value.clone()),
            NodeValue::Sequence(nodes) => nodes.iter().map(Self::to_json).collect(),
            NodeValue::Mapping(fields) => Value::Object(
                fields
                    .iter()
                    .map(|(key, field)| (key.clone(), field.node.to_json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// The map, where it is one.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            NodeValue::Mapping(fields) => Some(fields),
            _ => None,
        }
    }

    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            NodeValue::String(text) => Some(text),
            _ => None,
        }
    }

    /// How many values there are, this one with them.
    pub fn count(&self) -> usize {
        let below = match &self.value {
            NodeValue::Sequence(items) => items.iter().map(Self::count).sum(),
            NodeValue::Mapping(fields) => fields.values().map(|field| field.node.count()).sum(),
            _ => 0,
        };
        below + 1
    }

    /// A member of the map, where this is one and has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_mapping()?.get(key).map(|field| &field.node)
    }

    /// The node at a path, as far as the path leads: for what is absent, the
    /// place of the closest thing around it. The key is the better place to
    /// show for a value that is a map.
    pub fn place(&self, path: impl IntoIterator<Item = impl AsRef<str>>) -> Span {
        let mut node = self;
        let mut key = None;
        for segment in path {
            let next = match &node.value {
                NodeValue::Mapping(fields) => fields.get(segment.as_ref()).map(|field| {
                    key = Some(field.key);
                    &field.node
                }),
                NodeValue::Sequence(nodes) => {
                    key = None;
                    segment
                        .as_ref()
                        .parse()
                        .ok()
                        .and_then(|index: usize| nodes.get(index))
                }
                _ => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        match (&node.value, key) {
            (NodeValue::Mapping(_) | NodeValue::Sequence(_) | NodeValue::Null, Some(key)) => key,
            _ => node.span,
        }
    }

    /// The place of a key, or of the closest thing around it.
    pub fn key_place(&self, path: &[impl AsRef<str>], key: &str) -> Span {
        let mut node = self;
        for segment in path {
            match node.get(segment.as_ref()) {
                Some(next) => node = next,
                None => return self.place(path),
            }
        }
        node.as_mapping()
            .and_then(|fields| fields.get(key))
            .map_or_else(|| self.place(path), |field| field.key)
    }
}
