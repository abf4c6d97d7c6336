//! YAML text to nodes, strictly.
//!
//! What two readers of YAML could take for two things is an error here, and so
//! is what a stack has no use for: anchors, tags, merge keys, several
//! documents. The parser works under a budget, so that no input takes long.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Error, Location, Options, Spanned};

use super::ambiguous;
use super::node::{Field, Mapping, Node, NodeValue};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources, Span};

/// Bytes that one file may have.
pub(super) const MAX_FILE_BYTES: usize = 10 << 20;
/// Values that one file may have.
const MAX_NODES: usize = 100_000;
/// Levels of nesting.
const MAX_DEPTH: usize = 64;
const TOO_DEEP: &str = "nothing in a stack is that deep: look for a bracket too many";

/// What spans of a file point into, also where it is no text.
pub(super) fn source_text(bytes: &[u8]) -> Arc<str> {
    if bytes.len() > MAX_FILE_BYTES {
        return Arc::from("");
    }
    Arc::from(&*String::from_utf8_lossy(bytes))
}

/// Parses a file, or a document of one, whose text is among the sources. Nothing
/// comes back where it is no YAML at all; the diagnostics say why.
pub(super) fn parse(
    sources: &Sources,
    file: FileId,
    bytes: &[u8],
    diagnostics: &mut Diagnostics,
) -> Option<Node> {
    let name = sources.name(file);
    if bytes.len() > MAX_FILE_BYTES {
        diagnostics.push(
            Diagnostic::error(
                "file-too-large",
                format!("{name} has more than {MAX_FILE_BYTES} bytes"),
            )
            .hint("split it"),
        );
        return None;
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            diagnostics.push(
                Diagnostic::error("not-utf-8", format!("{name} is not UTF-8"))
                    .at(span_at(file, sources.text(file), error.valid_up_to()))
                    .hint("save it as UTF-8 without a byte order mark"),
            );
            return None;
        }
    };
    if let Some(offset) = text.find(is_forbidden) {
        diagnostics.push(
            Diagnostic::error(
                "control-character",
                "a control character or byte order mark",
            )
            .at(span_at(file, text, offset))
            .hint("remove it, or write it as an escape in double quotes"),
        );
        return None;
    }
    let node = match read(text, DuplicateKeyPolicy::Error) {
        Ok(raw) => Ok(raw),
        Err(error) => {
            diagnostics.push(describe(&error, file, text));
            // The rest of the file may have more to say.
            match error.without_snippet() {
                Error::DuplicateMappingKey { .. } => read(text, DuplicateKeyPolicy::FirstWins),
                _ => Err(error),
            }
        }
    };
    let node = node.ok()?.into_node(file);
    ambiguous::check(&node, sources, diagnostics);
    Some(node)
}

fn is_forbidden(character: char) -> bool {
    character == '\u{feff}'
        || (character.is_control() && !matches!(character, '\n' | '\r' | '\t' | '\u{85}'))
}

fn read(text: &str, duplicate_keys: DuplicateKeyPolicy) -> Result<Raw, Error> {
    serde_saphyr::from_str_with_options(text, options(duplicate_keys))
}

fn options(duplicate_keys: DuplicateKeyPolicy) -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MAX_NODES,
            max_events: 3 * MAX_NODES,
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_documents: 1,
            max_anchors: 0,
            max_aliases: 0,
            max_total_scalar_bytes: MAX_FILE_BYTES,
        },
        duplicate_keys: duplicate_keys,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
    }
}

fn describe(error: &Error, file: FileId, text: &str) -> Diagnostic {
    let span = error
        .location()
        .map(|location| span_of(file, text, &location));
    let (code, message, hint) = match error.without_snippet() {
        Error::DuplicateMappingKey { key, .. } => (
            "duplicate-key",
            format!(
                "the key `{}` is there twice",
                key.as_deref().unwrap_or_default()
            ),
            "remove one of the two",
        ),
        Error::Budget {
            breach: BudgetBreach::Documents { .. },
            ..
        }
        | Error::MultipleDocuments { .. } => (
            "second-document",
            "a second document in the file".to_owned(),
            "put it into a file of its own under clusters/ or apps/",
        ),
        Error::Budget {
            breach: BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. },
            ..
        } => (
            "yaml-anchor",
            "an anchor or an alias".to_owned(),
            "use a profile: `profiles` say a thing once for many clusters",
        ),
        Error::Budget {
            breach: BudgetBreach::Depth { .. },
            ..
        } => (
            "yaml-budget",
            format!("the file is nested more than {MAX_DEPTH} levels deep"),
            TOO_DEEP,
        ),
        // The scanner's own limit, which holds for brackets.
        Error::ExternalMessage { msg, .. } if msg.contains("recursion limit") => (
            "yaml-budget",
            format!("the file is nested more than {MAX_DEPTH} levels deep"),
            TOO_DEEP,
        ),
        Error::Budget { .. } => (
            "yaml-budget",
            format!("the file has more than {MAX_NODES} values"),
            "split it: clusters may have files under clusters/, teams' parts under apps/",
        ),
        Error::NullIntoString { .. }
        | Error::Unexpected {
            expected: "string scalar",
            ..
        } => (
            "yaml-syntax",
            "a key that is not a text".to_owned(),
            "keys are names: write one",
        ),
        Error::MergeKeyNotAllowed { .. } => (
            "merge-key",
            "a merge key (`<<`)".to_owned(),
            "use a profile: `profiles` say a thing once for many clusters",
        ),
        Error::UnsupportedTag { .. } => (
            "yaml-tag",
            first_line(error),
            "remove the tag; a stack has plain values only",
        ),
        _ => ("yaml-syntax", first_line(error), "this is not valid YAML"),
    };
    Diagnostic::error(code, message).maybe_at(span).hint(hint)
}

/// The library's message without the place and snippet that it may carry.
fn first_line(error: &Error) -> String {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    let line = line.split(" at line ").next().unwrap_or(line);
    line.trim_start_matches("error: ")
        .trim_end_matches('.')
        .to_owned()
}

fn span_of(file: FileId, text: &str, location: &Location) -> Span {
    let offset = location
        .span()
        .byte_offset()
        .and_then(|offset| usize::try_from(offset).ok());
    span_at(
        file,
        text,
        offset.unwrap_or_else(|| line_offset(text, location.line())),
    )
}

fn line_offset(text: &str, line: u64) -> usize {
    let before = usize::try_from(line)
        .unwrap_or(usize::MAX)
        .saturating_sub(1);
    text.split_inclusive('\n').take(before).map(str::len).sum()
}

/// The character at an offset, or the end of the text.
fn span_at(file: FileId, text: &str, offset: usize) -> Span {
    let start = text.floor_char_boundary(offset);
    let end = start + text[start..].chars().next().map_or(0, char::len_utf8);
    Span {
        file,
        start: offset_of(start),
        end: offset_of(end),
    }
}

fn offset_of(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("a file has at most 10 MiB")
}

/// A node before it knows its file.
struct Raw {
    value: RawValue,
    place: Place,
}

#[derive(Clone, Copy)]
struct Place {
    start: u32,
    end: u32,
}

enum RawValue {
    Leaf(NodeValue),
    Sequence(Vec<Raw>),
    Mapping(BTreeMap<String, (Place, Raw)>),
}

impl Place {
    fn new(location: &Location) -> Self {
        let span = location.span();
        let start = span.byte_offset().unwrap_or_default();
        let end = start + span.byte_len().unwrap_or_default();
        let offset = |bytes| u32::try_from(bytes).unwrap_or(u32::MAX);
        Self {
            start: offset(start),
            end: offset(end),
        }
    }

    fn in_file(self, file: FileId) -> Span {
        Span {
            file,
            start: self.start,
            end: self.end,
        }
    }
}

impl Raw {
    fn into_node(self, file: FileId) -> Node {
        let value = match self.value {
            RawValue::Leaf(value) => value,
            RawValue::Sequence(items) => {
                NodeValue::Sequence(items.into_iter().map(|item| item.into_node(file)).collect())
            }
            RawValue::Mapping(fields) => NodeValue::Mapping(
                fields
                    .into_iter()
                    .map(|(name, (key, value))| {
                        (
                            name,
                            Field {
                                key: key.in_file(file),
                                node: value.into_node(file),
                            },
                        )
                    })
                    .collect::<Mapping>(),
            ),
        };
        Node {
            value,
            span: self.place.in_file(file),
        }
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<RawValue>::deserialize(deserializer)?;
        Ok(Self {
            value: spanned.value,
            place: Place::new(&spanned.defined),
        })
    }
}

impl<'de> Deserialize<'de> for RawValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = RawValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(NodeValue::Null))
    }

    fn visit_none<E>(self) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(NodeValue::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(NodeValue::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(NodeValue::Number(value.into())))
    }

    fn visit_u64<E>(self, value: u64) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(NodeValue::Number(value.into())))
    }

    /// What is not finite cannot be a JSON number; what was written tells of
    /// it when the ambiguous scalars are looked for.
    fn visit_f64<E>(self, value: f64) -> Result<RawValue, E> {
        let number = Number::from_f64(value).unwrap_or_else(|| Number::from(0));
        Ok(RawValue::Leaf(NodeValue::Number(number)))
    }

    fn visit_str<E>(self, value: &str) -> Result<RawValue, E> {
        Ok(RawValue::Leaf(NodeValue::String(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<RawValue, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(RawValue::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<RawValue, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((key, value)) = access.next_entry::<Spanned<String>, Raw>()? {
            fields.insert(key.value, (Place::new(&key.defined), value));
        }
        Ok(RawValue::Mapping(fields))
    }
}
