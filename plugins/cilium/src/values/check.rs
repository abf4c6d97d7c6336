//! Values against what the chart reads.
//!
//! The chart's own schema refuses no key: one that is misspelt or gone does
//! nothing, and the install is green.

use serde_json::{Map, Value};
use ztgit_plugin::Diagnostic;

use super::advice;
use super::known::{Keys, Known, Node, Types};
use crate::release::Line;

/// A value that the chart does not take.
#[derive(Debug, PartialEq)]
pub(crate) struct Misfit {
    /// Where.
    pub(crate) path: Vec<String>,
    /// Why.
    pub(crate) reason: Reason,
}

/// Why a value is not taken.
#[derive(Debug, PartialEq)]
pub(crate) enum Reason {
    /// Nothing reads the key.
    Unknown,
    /// It takes something else, in words; and what it was given.
    Mistyped {
        /// Such as `a whole number`.
        takes: String,
        /// The value.
        given: Value,
    },
}

/// Everything that the chart does not take. `null` fits everywhere: it takes
/// the chart's default out.
pub(crate) fn misfits<'a>(
    known: &Known,
    values: impl IntoIterator<Item = (&'a String, &'a Value)>,
) -> Vec<Misfit> {
    let mut walk = Walk::default();
    for (key, value) in values {
        walk.entry(known.root(), key, value);
    }
    walk.found
}

#[derive(Default)]
struct Walk {
    path: Vec<String>,
    found: Vec<Misfit>,
}

impl Walk {
    fn entry(&mut self, keys: Keys<'_>, key: &str, value: &Value) {
        self.path.push(key.to_owned());
        match keys.get(key) {
            Some(node) => self.value(node, value),
            None if keys.open() => {}
            None => self.report(Reason::Unknown),
        }
        self.path.pop();
    }

    fn value(&mut self, node: Node<'_>, value: &Value) {
        match (node, value) {
            (_, Value::Null) => {}
            (Node::Map(keys), Value::Object(values)) => self.map(keys, values),
            (Node::Map(_), _) => self.mistyped("a map".to_owned(), value),
            (Node::Choice(choices), _) if choices.contains(value) => {}
            (Node::Choice(choices), _) => self.mistyped(one_of(choices), value),
            (Node::Types(types), _) => self.leaf(types, value),
        }
    }

    fn map(&mut self, keys: Keys<'_>, values: &Map<String, Value>) {
        for (key, value) in values {
            self.entry(keys, key, value);
        }
    }

    fn leaf(&mut self, types: Types<'_>, value: &Value) {
        if !types.admit(value) {
            self.mistyped(types.names(), value);
        }
    }

    fn mistyped(&mut self, takes: String, given: &Value) {
        let given = given.clone();
        self.report(Reason::Mistyped { takes, given });
    }

    fn report(&mut self, reason: Reason) {
        let path = self.path.clone();
        self.found.push(Misfit { path, reason });
    }
}

fn one_of(choices: &[Value]) -> String {
    let texts: Vec<String> = choices
        .iter()
        .filter(|choice| !choice.is_null())
        .map(Value::to_string)
        .collect();
    format!("one of {}", texts.join(", "))
}

impl Misfit {
    /// The finding, for the caller to put in its place.
    pub(crate) fn diagnostic(&self, line: Line, known: &Known) -> Diagnostic {
        let key = self.path.join(".");
        let path: Vec<&str> = self.path.iter().map(String::as_str).collect();
        match &self.reason {
            Reason::Unknown => {
                let message = format!("cilium {}'s chart reads no value `{key}`", line.name());
                advice::for_unknown(line, known, &path).into_iter().fold(
                    Diagnostic::error("unknown-value", message),
                    Diagnostic::hint,
                )
            }
            Reason::Mistyped { takes, given } => {
                let message = format!("`{key}` takes {takes}, not {given}");
                Diagnostic::error("mistyped-value", message).hint(advice::for_type(takes, given))
            }
        }
    }
}
