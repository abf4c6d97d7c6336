//! YAML with a closed list of keys.
//!
//! What two readers could take for two things is refused before the list is
//! looked at: repeated keys, anchors, tags, merge keys.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::RangeInclusive;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};
use serde_saphyr::{Options, Spanned};

use super::{Fault, excerpt};

const MOST_VALUES: usize = 20_000;
const DEEPEST: usize = 24;

/// What may stand at a place.
pub(super) enum Shape {
    /// `true` or `false`.
    Flag,
    /// A whole number.
    Number(RangeInclusive<i64>),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A text, checked, and what it is called.
    Text(fn(&str) -> bool, &'static str),
    /// A list.
    List(&'static Shape),
    /// A map with these keys.
    Map(&'static [(&'static str, Shape)]),
    /// A text with JSON that says whatever it likes.
    Json,
}

/// Reads all documents of a text against a shape.
pub(super) fn check(text: &str, shape: &Shape) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut line = 0;
    // Each document by itself, so that places are those of the file.
    for document in text.split_inclusive("\n---\n") {
        let lines = document.matches('\n').count() as u64;
        let body = document.strip_suffix("---\n").unwrap_or(document);
        let before = line;
        line += lines;
        if body
            .lines()
            .all(|line| line.is_empty() || line.starts_with('#'))
        {
            continue;
        }
        match serde_saphyr::from_str_with_options::<Place>(body, options()) {
            Ok(place) => place.check(shape, "", before, &mut faults),
            Err(error) => faults.push(Fault::at(
                before + error.location().map_or(1, |location| location.line()),
                "it is no YAML that every reader takes for the same",
            )),
        }
    }
    faults
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MOST_VALUES,
            max_events: 3 * MOST_VALUES,
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_documents: 1,
            max_anchors: 0,
            max_aliases: 0,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// A value with its line.
struct Place {
    line: u64,
    value: Value,
}

enum Value {
    Null,
    Flag,
    Number(i64),
    Text(String),
    List(Vec<Place>),
    Map(BTreeMap<String, Place>),
    Other,
}

impl Place {
    fn check(&self, shape: &Shape, at: &str, before: u64, faults: &mut Vec<Fault>) {
        let line = before + self.line;
        match (&self.value, shape) {
            (Value::Map(fields), Shape::Map(known)) => {
                for (key, field) in fields {
                    let at = if at.is_empty() {
                        key.clone()
                    } else {
                        format!("{at}.{key}")
                    };
                    match known.iter().find(|(name, _)| name == key) {
                        Some((_, shape)) => field.check(shape, &at, before, faults),
                        None => faults.push(Fault::at(
                            before + field.line,
                            format!(
                                "the key `{}` is not one that ztgit renders",
                                excerpt_of_key(&at)
                            ),
                        )),
                    }
                }
            }
            (Value::List(items), Shape::List(shape)) => {
                let at = format!("{at}[]");
                for item in items {
                    item.check(shape, &at, before, faults);
                }
            }
            (value, shape) if shape.takes(value) => {}
            (_, shape) => {
                let at = if at.is_empty() { "the document" } else { at };
                faults.push(Fault::at(
                    line,
                    format!("`{}` is not {}", excerpt_of_key(at), shape.name()),
                ));
            }
        }
    }
}

/// A key with all keys above it: longer than other excerpts.
fn excerpt_of_key(key: &str) -> String {
    crate::text::escaped(key, 100)
}

impl Shape {
    fn takes(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Flag, Value::Flag) => true,
            (Self::Number(range), Value::Number(number)) => range.contains(number),
            (Self::OneOf(texts), Value::Text(text)) => texts.contains(&text.as_str()),
            (Self::Text(is_valid, _), Value::Text(text)) => is_valid(text),
            (Self::Json, Value::Text(text)) => {
                serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
            }
            _ => false,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Number(range) => format!("a number from {} to {}", range.start(), range.end()),
            Self::OneOf([text]) => format!("`{}`", excerpt(text)),
            Self::OneOf(texts) => format!("one of `{}`", texts.join("`, `")),
            Self::Text(_, name) => (*name).to_owned(),
            Self::List(_) => "a list".to_owned(),
            Self::Map(_) => "a map".to_owned(),
            Self::Json => "JSON".to_owned(),
        }
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        Ok(Self {
            line: spanned.defined.line(),
            value: spanned.value,
        })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Flag)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(i64::try_from(value).map_or(Value::Other, Value::Number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = BTreeMap::new();
        while let Some((key, value)) = fields.next_entry()? {
            map.insert(key, value);
        }
        Ok(Value::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape::Map(&[
        ("a", Shape::Number(0..=9)),
        (
            "b",
            Shape::Map(&[("c", Shape::List(&Shape::OneOf(&["x"])))]),
        ),
    ]);

    fn faults(text: &str) -> Vec<(u64, String)> {
        let faults = check(text, &SHAPE).into_iter();
        faults
            .map(|fault| (fault.line.unwrap(), fault.message))
            .collect()
    }

    #[test]
    fn known_keys_with_values_of_their_kind_pass() {
        assert_eq!(faults("a: 1\nb:\n  c:\n    - x\n---\na: 2\n"), []);
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line_in_the_file() {
        assert_eq!(
            faults("a: 1\n---\nb:\n  d: 1\n"),
            [(4, "the key `b.d` is not one that ztgit renders".to_owned())]
        );
    }

    #[test]
    fn values_of_another_kind_are_refused() {
        assert_eq!(
            faults("a: 10\n"),
            [(1, "`a` is not a number from 0 to 9".to_owned())]
        );
        assert_eq!(faults("a: \"1\"\n").len(), 1);
        assert_eq!(
            faults("b:\n  c: [x, y]\n"),
            [(2, "`b.c[]` is not `x`".to_owned())]
        );
    }

    #[test]
    fn what_readers_take_for_different_things_is_refused() {
        for text in [
            "a: 1\na: 2\n",
            "a: &x 1\n",
            "a: !x 1\n",
            "b: {<<: {c: [x]}}\n",
            "a: [\n",
        ] {
            assert_eq!(faults(text).len(), 1, "{text}");
        }
    }
}
