//! Which values a chart reads, and of which types.
//!
//! The data come from the chart itself: `scripts/vendor/cilium_values.py` makes
//! them and describes the format.

use serde_json::{Map, Value};
use ztgit_plugin::vendored;

use crate::release::Line;

/// What one line's chart reads.
#[derive(Debug)]
pub(crate) struct Known(Value);

/// What the chart says of a place in its values.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Node<'a> {
    /// A map with these keys.
    Map(Keys<'a>),
    /// One of these values.
    Choice(&'a [Value]),
    /// A value of one of these types.
    Types(Types<'a>),
}

/// The keys of a map.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Keys<'a>(&'a Map<String, Value>);

/// The types of a value, one letter each; none for any.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Types<'a>(&'a str);

/// The key of a map that the chart copies as a whole.
const COPIED: &str = "";

impl Known {
    /// What the chart of that line reads.
    pub(crate) fn of(line: Line) -> Self {
        Self(vendored::unpack(match line {
            Line::V1_19 => include_bytes!("../../data/values-1.19.json.zz"),
            Line::V1_20 => include_bytes!("../../data/values-1.20.json.zz"),
        }))
    }

    /// All of the values.
    pub(crate) fn root(&self) -> Keys<'_> {
        match node(&self.0) {
            Node::Map(keys) => keys,
            Node::Choice(_) | Node::Types(_) => unreachable!("values are a map"),
        }
    }

    /// Whether the chart reads the value at a path.
    pub(crate) fn reads(&self, path: &[&str]) -> bool {
        let mut at = self.root();
        for key in path {
            match at.get(key) {
                Some(Node::Map(keys)) => at = keys,
                Some(Node::Choice(_) | Node::Types(_)) => return true,
                None => return at.open(),
            }
        }
        true
    }
}

fn node(value: &Value) -> Node<'_> {
    match value {
        Value::Object(keys) => Node::Map(Keys(keys)),
        Value::Array(choices) => Node::Choice(choices),
        Value::String(letters) => Node::Types(Types(letters)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            unreachable!("the script writes maps, lists and texts")
        }
    }
}

impl<'a> Keys<'a> {
    /// What a key holds.
    pub(crate) fn get(self, key: &str) -> Option<Node<'a>> {
        self.0.get(key).filter(|_| key != COPIED).map(node)
    }

    /// Whether the chart copies the map as a whole, further keys with it.
    pub(crate) fn open(self) -> bool {
        self.0.contains_key(COPIED)
    }

    /// Every key with what it holds, in order.
    pub(crate) fn iter(self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        self.0
            .iter()
            .filter(|(key, _)| *key != COPIED)
            .map(|(key, value)| (key.as_str(), node(value)))
    }
}

impl Types<'_> {
    /// Whether a value has one of the types.
    pub(crate) fn admit(self, value: &Value) -> bool {
        self.0.is_empty() || self.0.chars().any(|letter| is_a(value, letter))
    }

    /// For a message, such as `a number or a string`.
    pub(crate) fn names(self) -> String {
        let names: Vec<&str> = self.0.chars().filter(|c| *c != 'z').map(name).collect();
        names.join(" or ")
    }
}

fn is_a(value: &Value, letter: char) -> bool {
    match letter {
        'z' => value.is_null(),
        'b' => value.is_boolean(),
        'i' => value.is_i64() || value.is_u64(),
        'n' => value.is_number(),
        's' => value.is_string(),
        'l' => value
            .as_array()
            .is_some_and(|items| items.iter().all(Value::is_string)),
        'a' => value.is_array(),
        'o' => value.is_object(),
        other => unreachable!("the script writes no type {other}"),
    }
}

fn name(letter: char) -> &'static str {
    match letter {
        'b' => "true or false",
        'i' => "a whole number",
        'n' => "a number",
        's' => "a text",
        'l' => "a list of texts",
        'a' => "a list",
        _ => "a map",
    }
}
