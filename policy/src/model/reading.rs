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

/// A value and the way to it.
#[derive(Clone, Copy)]
pub(super) struct Field<'a> {
    pub(super) value: &'a Value,
    way: Way<'a>,
}

/// An object whose keys are checked against those that exist.
pub(super) struct Object<'a> {
    map: &'a Map<String, Value>,
    way: Way<'a>,
}

/// The way to a value, step by step. Most values are looked at once, and nobody asks
/// where they stand; what is kept has a [`Pointer`].
#[derive(Clone, Copy)]
enum Way<'a> {
    Root,
    Key(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl Way<'_> {
    fn pointer(self) -> Pointer {
        self.pointer_for(0)
    }

    /// The pointer, with room for what is still to come.
    fn pointer_for(self, more: usize) -> Pointer {
        match self {
            Self::Root => Pointer::with_room(more),
            Self::Key(above, key) => above.pointer_for(more + 1 + key.len()).with_key(key),
            Self::Item(above, index) => above.pointer_for(more + 2).with_index(index),
        }
    }
}

impl<'a> Field<'a> {
    /// A whole object.
    pub(super) fn root(value: &'a Value) -> Self {
        let way = Way::Root;
        Self { value, way }
    }

    /// Where it stands.
    pub(super) fn pointer(&self) -> Pointer {
        self.way.pointer()
    }
}

impl Object<'_> {
    /// A field that is there and not null.
    pub(super) fn get<'o>(&'o self, key: &'o str) -> Option<Field<'o>> {
        let value = self.map.get(key).filter(|value| !value.is_null())?;
        let way = Way::Key(&self.way, key);
        Some(Field { value, way })
    }

    /// Where it stands.
    pub(super) fn pointer(&self) -> Pointer {
        self.way.pointer()
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
                    pointer: object.pointer().with_key(key),
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
            way: field.way,
        })
    }

    /// The items of a list that is there, read one by one.
    pub(super) fn list<T>(
        &mut self,
        field: Option<Field<'_>>,
        mut item: impl FnMut(&mut Self, &Field<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let field = field?;
        let values = self.typed(&field, "a list", Value::as_array)?;
        let items = values.iter().enumerate().filter_map(|(index, value)| {
            let way = Way::Item(&field.way, index);
            item(self, &Field { value, way })
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
                pointer: field.pointer(),
                kind: ProblemKind::WrongType { expected },
            });
        }
        read
    }
}
