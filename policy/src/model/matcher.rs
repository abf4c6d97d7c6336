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
        let mut requirements: Vec<_> = requirements.into_iter().collect();
        requirements.sort();
        requirements.dedup();
        Self { requirements }
    }

    /// What a selector demands, its keys having `source` where they name none. An
    /// expression with an unknown operator, which is a violation, demands nothing.
    pub fn of(selector: &Selector, source: &Source) -> Self {
        let labels = selector
            .match_labels
            .iter()
            .map(|(key, value)| Requirement::equals(LabelKey::parse(key, source.clone()), value));
        let expressions = &selector.match_expressions;
        let expressions = expressions
            .iter()
            .filter_map(|one| requirement(one, source));
        Self::new(labels.chain(expressions))
    }

    /// The same with one more requirement.
    pub fn and(self, requirement: Requirement) -> Self {
        Self::new(self.requirements.into_iter().chain([requirement]))
    }

    /// Both at once.
    pub fn join(self, other: Self) -> Self {
        Self::new(self.requirements.into_iter().chain(other.requirements))
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
