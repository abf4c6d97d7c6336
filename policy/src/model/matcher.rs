//! Selectors with their defaults filled in, ready to be asked.

use std::collections::BTreeSet;

use super::{Expression, LabelKey, LabelSet, Selector, Source};

/// Requirements that all have to hold; without any, everything matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Matcher {
    requirements: Vec<Requirement>,
}

/// What a label has to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// One of the values.
    In(LabelKey, BTreeSet<String>),
    /// Absent, or none of the values.
    NotIn(LabelKey, BTreeSet<String>),
    /// Present.
    Exists(LabelKey),
    /// Absent.
    DoesNotExist(LabelKey),
}

impl Requirement {
    /// Exactly this value.
    pub fn equals(key: LabelKey, value: &str) -> Self {
        Self::In(key, BTreeSet::from([value.to_owned()]))
    }

    /// The label.
    pub fn key(&self) -> &LabelKey {
        match self {
            Self::In(key, _)
            | Self::NotIn(key, _)
            | Self::Exists(key)
            | Self::DoesNotExist(key) => key,
        }
    }

    /// Whether labels are so.
    pub fn matches(&self, labels: &LabelSet) -> bool {
        let value = labels.get(self.key());
        match self {
            Self::In(_, values) => value.is_some_and(|value| values.contains(value)),
            Self::NotIn(_, values) => value.is_none_or(|value| !values.contains(value)),
            Self::Exists(_) => value.is_some(),
            Self::DoesNotExist(_) => value.is_none(),
        }
    }
}

impl Matcher {
    /// A matcher with these requirements.
    pub fn new(requirements: impl IntoIterator<Item = Requirement>) -> Self {
        let requirements = requirements.into_iter().collect();
        Self { requirements }.sorted()
    }

    fn sorted(mut self) -> Self {
        self.requirements.sort();
        self.requirements.dedup();
        self
    }

    /// What a selector demands, its keys having `source` where they name none. An
    /// expression with an unknown operator, which is a violation, demands nothing.
    pub fn of(selector: &Selector, source: &Source) -> Self {
        Self::without(selector, source, None)
    }

    /// The same but for one of its `matchLabels`.
    pub(super) fn without(selector: &Selector, source: &Source, label: Option<&LabelKey>) -> Self {
        let labels = selector
            .match_labels
            .iter()
            .map(|(key, value)| (LabelKey::parse(key, source.clone()), value))
            .filter(|(key, _)| Some(key) != label)
            .map(|(key, value)| Requirement::equals(key, value));
        let expressions = &selector.match_expressions;
        let expressions = expressions
            .iter()
            .filter_map(|one| requirement(one, source));
        Self::new(labels.chain(expressions))
    }

    /// The same with one more requirement.
    pub fn and(mut self, requirement: Requirement) -> Self {
        self.requirements.push(requirement);
        self.sorted()
    }

    /// Both at once.
    pub fn join(mut self, other: Self) -> Self {
        self.requirements.extend(other.requirements);
        self.sorted()
    }

    /// What is demanded, in order.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// Whether every endpoint matches.
    pub fn is_everything(&self) -> bool {
        self.requirements.is_empty()
    }

    /// Whether labels match.
    pub fn matches(&self, labels: &LabelSet) -> bool {
        let mut requirements = self.requirements.iter();
        requirements.all(|requirement| requirement.matches(labels))
    }
}

fn requirement(expression: &Expression, source: &Source) -> Option<Requirement> {
    let key = LabelKey::parse(&expression.key, source.clone());
    let values = || expression.values.iter().cloned().collect();
    Some(match expression.operator.as_str() {
        "In" => Requirement::In(key, values()),
        "NotIn" => Requirement::NotIn(key, values()),
        "Exists" => Requirement::Exists(key),
        "DoesNotExist" => Requirement::DoesNotExist(key),
        _ => return None,
    })
}
