//! Several plugins' values for one chart, as one tree that knows who set what.
//!
//! Invariant: the tree does not depend on the order of contributions; where
//! two of them disagree about a key, that is a [`Conflict`] and not a choice.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Who set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// This plugin, from the cluster and its config.
    Own,
    /// Another plugin, by its name in the stack, in the fact of that index.
    Fact {
        /// The plugin.
        provider: String,
        /// The fact.
        index: usize,
    },
}

impl Origin {
    /// For a message.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Own => "cilium",
            Self::Fact { provider, .. } => provider,
        }
    }
}

/// Two contributions that set one key differently.
#[derive(Debug, PartialEq)]
pub(crate) struct Conflict {
    /// The key with dots, as helm's `--set` has it.
    pub(crate) key: String,
    /// Who set it first, and to what.
    pub(crate) first: (Origin, Value),
    /// Who set it otherwise, and to what.
    pub(crate) second: (Origin, Value),
}

/// Values with the origin of every key.
#[derive(Debug, Default)]
pub(crate) struct Merged {
    values: Map<String, Value>,
    origins: BTreeMap<Vec<String>, Origin>,
}

impl Merged {
    /// Adds a contribution; maps are merged, everything else must be equal.
    pub(crate) fn add(
        &mut self,
        origin: &Origin,
        values: impl IntoIterator<Item = (String, Value)>,
    ) -> Vec<Conflict> {
        let mut conflicts = Vec::new();
        let mut adding = Adding {
            origin,
            origins: &mut self.origins,
            conflicts: &mut conflicts,
        };
        for (key, value) in values {
            adding.entry(&mut self.values, &mut Vec::new(), key, value);
        }
        conflicts
    }

    /// Who set the value at a path.
    pub(crate) fn origin(&self, path: &[String]) -> Option<&Origin> {
        self.origins.get(path)
    }

    /// The value at a path.
    pub(crate) fn at(&self, path: &[String]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.values.get(first)?, |value, key| value.get(key))
    }

    /// The tree without its origins.
    pub(crate) fn into_values(self) -> Map<String, Value> {
        self.values
    }
}

struct Adding<'a> {
    origin: &'a Origin,
    origins: &'a mut BTreeMap<Vec<String>, Origin>,
    conflicts: &'a mut Vec<Conflict>,
}

impl Adding<'_> {
    fn entry(
        &mut self,
        target: &mut Map<String, Value>,
        path: &mut Vec<String>,
        key: String,
        value: Value,
    ) {
        path.push(key.clone());
        match (target.get_mut(&key), value) {
            (Some(Value::Object(existing)), Value::Object(added)) => {
                for (key, value) in added {
                    self.entry(existing, path, key, value);
                }
            }
            (Some(existing), value) if *existing == value => {}
            (Some(existing), value) => self.conflict(path, existing, value),
            (None, Value::Object(added)) => {
                self.origins.insert(path.clone(), self.origin.clone());
                let mut object = Map::new();
                for (key, value) in added {
                    self.entry(&mut object, path, key, value);
                }
                target.insert(key, Value::Object(object));
            }
            (None, value) => {
                self.origins.insert(path.clone(), self.origin.clone());
                target.insert(key, value);
            }
        }
        path.pop();
    }

    fn conflict(&mut self, path: &[String], existing: &Value, value: Value) {
        let first = self
            .origins
            .get(path)
            .expect("every value has an origin")
            .clone();
        self.conflicts.push(Conflict {
            key: path.join("."),
            first: (first, existing.clone()),
            second: (self.origin.clone(), value),
        });
    }
}

/// Lays a JSON Merge Patch (RFC 7396) over values.
pub(crate) fn overlay(
    target: &mut Map<String, Value>,
    patch: impl IntoIterator<Item = (String, Value)>,
) {
    for (key, value) in patch {
        match value {
            Value::Null => {
                target.remove(&key);
            }
            Value::Object(patch) => {
                let entry = target
                    .entry(key)
                    .or_insert_with(|| Value::Object(Map::new()));
                if !entry.is_object() {
                    *entry = Value::Object(Map::new());
                }
                overlay(entry.as_object_mut().expect("made one just now"), patch);
            }
            value => {
                target.insert(key, value);
            }
        }
    }
}

/// The paths of all leaves, in order.
pub(crate) fn leaves<'a>(
    values: impl IntoIterator<Item = (&'a String, &'a Value)>,
) -> Vec<(Vec<String>, &'a Value)> {
    let mut found = Vec::new();
    for (key, value) in values {
        match value {
            Value::Object(object) if !object.is_empty() => {
                for (mut path, leaf) in leaves(object) {
                    path.insert(0, key.clone());
                    found.push((path, leaf));
                }
            }
            leaf => found.push((vec![key.clone()], leaf)),
        }
    }
    found
}
