//! Reading JSON without giving up: a value of the wrong type is noted and taken for
//! absent, an unknown key is noted and left out.

use serde_json::{Map, Value};

use super::Pointer;

/// What could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The key or value.
    pub pointer: Pointer,
    /// What is wrong with it.
    pub kind: ProblemKind,
}

/// Why something could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A key that does not exist there. The API server drops it, and what is left
    /// may mean the opposite: an HTTP rule without its `methods` matches everything.
    UnknownKey {
        /// The key as written.
        key: String,
        /// The keys that exist there.
        known: &'static [&'static str],
    },
    /// A value of another type than the field has.
    WrongType {
        /// The type of the field, in words.
        expected: &'static str,
    },
}

/// A value and its place.
#[derive(Clone)]
pub(super) struct Field<'a> {
    pub(super) value: &'a Value,
    pub(super) pointer: Pointer,
}

/// An object whose keys are checked against those that exist.
pub(super) struct Object<'a> {
    map: &'a Map<String, Value>,
    pub(super) pointer: Pointer,
}

impl<'a> Object<'a> {
    /// A field that is there and not null.
    pub(super) fn get(&self, key: &str) -> Option<Field<'a>> {
        let value = self.map.get(key).filter(|value| !value.is_null())?;
        Some(Field {
            value,
            pointer: self.pointer.key(key),
        })
    }
}

/// Collects what could not be read.
#[derive(Default)]
pub(super) struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// An object with no other keys than `known`.
    pub(super) fn object<'a>(
        &mut self,
        field: &Field<'a>,
        known: &'static [&'static str],
    ) -> Option<Object<'a>> {
        let object = self.open_object(field)?;
        for key in object.map.keys() {
            if !known.contains(&key.as_str()) {
                self.problems.push(Problem {
                    pointer: object.pointer.key(key),
                    kind: ProblemKind::UnknownKey {
                        key: key.clone(),
                        known,
                    },
                });
            }
        }
        Some(object)
    }

    /// An object with whatever keys.
    pub(super) fn open_object<'a>(&mut self, field: &Field<'a>) -> Option<Object<'a>> {
        let map = self.typed(field, "an object", Value::as_object)?;
        Some(Object {
            map,
            pointer: field.pointer.clone(),
        })
    }

    /// The items of a list that is there, read one by one.
    pub(super) fn list<'a, T>(
        &mut self,
        field: Option<Field<'a>>,
        mut item: impl FnMut(&mut Self, &Field<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let field = field?;
        let values = self.typed(&field, "a list", Value::as_array)?;
        let items = values.iter().enumerate().filter_map(|(index, value)| {
            let pointer = field.pointer.index(index);
            item(self, &Field { value, pointer })
        });
        Some(items.collect())
    }

    /// Text, where the field is there.
    pub(super) fn text(&mut self, field: Option<Field<'_>>) -> Option<String> {
        self.typed(&field?, "a string", |value| {
            value.as_str().map(str::to_owned)
        })
    }

    /// Text that may be written as a number, as ports and ICMP types are.
    pub(super) fn text_or_number(&mut self, field: Option<Field<'_>>) -> Option<String> {
        self.typed(&field?, "a number or a string", |value| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }

    /// A whole number, where the field is there.
    pub(super) fn number(&mut self, field: Option<Field<'_>>) -> Option<i64> {
        self.typed(&field?, "a whole number", Value::as_i64)
    }

    /// A boolean, where the field is there.
    pub(super) fn boolean(&mut self, field: Option<Field<'_>>) -> Option<bool> {
        self.typed(&field?, "true or false", Value::as_bool)
    }

    fn typed<'a, T>(
        &mut self,
        field: &Field<'a>,
        expected: &'static str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let read = read(field.value);
        if read.is_none() {
            self.problems.push(Problem {
                pointer: field.pointer.clone(),
                kind: ProblemKind::WrongType { expected },
            });
        }
        read
    }
}
