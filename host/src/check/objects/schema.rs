//! Compiled structural schemas.
//!
//! A schema is the dialect of `CustomResourceDefinitions`, plus references among
//! the definitions of the built-in kinds. Compiled, it answers what a value
//! may be without looking anything up.

use std::collections::BTreeMap;
use std::ops::BitOr;

use serde_json::Value;

use super::catalogue::Definition;
use super::rules::Rules;

/// What a value may be.
#[derive(Debug)]
pub(super) enum Schema {
    /// A definition of the built-in kinds, which may refer back to itself.
    Reference(&'static Definition),
    /// What is written in place.
    Node(Box<Node>),
}

impl Schema {
    pub(super) fn node(&self) -> &Node {
        match self {
            Self::Reference(definition) => definition.schema().node(),
            Self::Node(node) => node,
        }
    }
}

/// One level of a schema.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) types: Types,
    pub(super) null: Null,
    pub(super) fields: BTreeMap<Box<str>, Schema>,
    pub(super) others: Others,
    /// Fields without which an object is refused; those with a default are
    /// not among them.
    pub(super) required: Vec<Box<str>>,
    pub(super) defaults: Vec<(Box<str>, Value)>,
    /// Whether there are defaults, here or further down.
    pub(super) fills: bool,
    pub(super) items: Option<Schema>,
    pub(super) list: List,
    /// Limits of the value itself; most nodes have none.
    pub(super) rules: Option<Box<Rules>>,
}

/// Whether a value may be `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Null {
    Refused,
    Allowed,
}

/// What fields an object may have besides the named ones.
#[derive(Debug)]
pub(super) enum Others {
    /// None: an API server would drop them.
    Refused,
    /// Any, unchecked.
    Anything,
    /// Any, each with a value like this.
    Each(Schema),
}

/// How the items of a list are told apart (`x-kubernetes-list-type`).
#[derive(Debug)]
pub(super) enum List {
    /// By position.
    Atomic,
    /// By their value.
    Set,
    /// By the values of these fields.
    Map(Vec<Key>),
}

/// A field that tells items of a list apart.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: Box<str>,
    /// What the API server takes where the field is absent.
    pub(super) default: Value,
}

/// A set of JSON types; the empty one means any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub(super) const ANY: Self = Self(0);
    pub(super) const OBJECT: Self = Self(1);
    pub(super) const ARRAY: Self = Self(2);
    pub(super) const STRING: Self = Self(4);
    pub(super) const INTEGER: Self = Self(8);
    pub(super) const NUMBER: Self = Self(16);
    pub(super) const BOOLEAN: Self = Self(32);

    const NAMES: [(Self, &'static str); 6] = [
        (Self::OBJECT, "object"),
        (Self::ARRAY, "array"),
        (Self::STRING, "string"),
        (Self::INTEGER, "integer"),
        (Self::NUMBER, "number"),
        (Self::BOOLEAN, "boolean"),
    ];

    pub(super) fn named(name: &str) -> Self {
        let known = Self::NAMES.into_iter().find(|(_, known)| *known == name);
        known.map_or(Self::ANY, |(types, _)| types)
    }

    /// The type of a value. `null` has none.
    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::ANY,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(number) if number.is_f64() => Self::NUMBER,
            Value::Number(_) => Self::INTEGER | Self::NUMBER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    pub(super) fn contain(self, value: &Value) -> bool {
        self == Self::ANY || self.0 & Self::of(value).0 != 0
    }

    /// `integer or string`.
    pub(super) fn describe(self) -> String {
        let names: Vec<&str> = Self::NAMES
            .into_iter()
            .filter(|(types, _)| self.0 & types.0 != 0)
            .map(|(_, name)| name)
            .collect();
        names.join(" or ")
    }
}

impl BitOr for Types {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
