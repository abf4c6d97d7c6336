//! Label selectors, as written.

use std::collections::BTreeMap;

use super::Pointer;
use super::reading::{Field, Reader};

/// A label selector; an empty one selects everything in its reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    /// Where it stands.
    pub pointer: Pointer,
    /// `matchLabels`.
    pub match_labels: BTreeMap<String, String>,
    /// `matchExpressions`.
    pub match_expressions: Vec<Expression>,
}

/// One of `matchExpressions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    /// Where it stands.
    pub pointer: Pointer,
    /// The label, with an optional source as in `k8s:app`.
    pub key: String,
    /// `In`, `NotIn`, `Exists` or `DoesNotExist`; another text is a violation.
    pub operator: String,
    /// Values of `In` and `NotIn`.
    pub values: Vec<String>,
}

impl Selector {
    /// Whether nothing is demanded.
    pub fn is_empty(&self) -> bool {
        self.match_labels.is_empty() && self.match_expressions.is_empty()
    }

    /// Every label that the selector names.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let labels = self.match_labels.keys().map(String::as_str);
        let expressions = self.match_expressions.iter().map(|one| one.key.as_str());
        labels.chain(expressions)
    }

    /// Where `matchLabels` has this key.
    pub fn label_pointer(&self, key: &str) -> Pointer {
        self.pointer.key("matchLabels").key(key)
    }

    pub(super) fn read(reader: &mut Reader, field: &Field<'_>) -> Option<Self> {
        let object = reader.object(field, &["matchLabels", "matchExpressions"])?;
        Some(Self {
            pointer: object.pointer(),
            match_labels: match object.get("matchLabels") {
                Some(labels) => read_labels(reader, &labels),
                None => BTreeMap::new(),
            },
            match_expressions: reader
                .list(object.get("matchExpressions"), read_expression)
                .unwrap_or_default(),
        })
    }
}

fn read_labels(reader: &mut Reader, field: &Field<'_>) -> BTreeMap<String, String> {
    let Some(object) = reader.open_object(field) else {
        return BTreeMap::new();
    };
    let keys = field
        .value
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys());
    keys.filter_map(|key| Some((key.clone(), reader.text(object.get(key))?)))
        .collect()
}

fn read_expression(reader: &mut Reader, field: &Field<'_>) -> Option<Expression> {
    let object = reader.object(field, &["key", "operator", "values"])?;
    Some(Expression {
        key: reader.text(object.get("key")).unwrap_or_default(),
        operator: reader.text(object.get("operator")).unwrap_or_default(),
        values: reader
            .list(object.get("values"), |reader, value| {
                reader.text(Some(*value))
            })
            .unwrap_or_default(),
        pointer: object.pointer(),
    })
}
