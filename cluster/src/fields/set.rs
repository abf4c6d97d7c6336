//! `FieldsV1`: a tree of steps into an object.
//!
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde_json::Value;

/// One step from an object, or a list, to something in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// `f:`: a field by its name.
    Field(String),
    /// `k:`: an item of a list by the values of its keys, as JSON in order.
    Key(String),
    /// `v:`: an item of a list by its value, as JSON.
    Item(String),
    /// `i:`: an item of a list by its place.
    Index(usize),
}

impl Step {
    fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        // Through a value, so that the order of keys is one and the same.
        let json = || Some(serde_json::from_str::<Value>(rest).ok()?.to_string());
        match kind {
            "f" => Some(Self::Field(rest.to_owned())),
            "k" => json().map(Self::Key),
            "v" => json().map(Self::Item),
            "i" => rest.parse().ok().map(Self::Index),
            _ => None,
        }
    }
}

/// Fields of an object. One without any below it is owned with all that is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldSet(BTreeMap<Step, FieldSet>);

impl FieldSet {
    /// What `fieldsV1` says. What is not understood is left out: it names no field.
    pub(super) fn of(fields: &Value) -> Self {
        let children = fields.as_object().into_iter().flatten();
        Self(
            children
                .filter_map(|(step, below)| Some((Step::parse(step)?, Self::of(below))))
                .collect(),
        )
    }

    /// Whether there is nothing below.
    pub(crate) fn is_leaf(&self) -> bool {
        self.0.is_empty()
    }

    /// What is below a step.
    pub(crate) fn below(&self, step: &Step) -> Option<&Self> {
        self.0.get(step)
    }

    /// All steps from here.
    pub(crate) fn steps(&self) -> impl Iterator<Item = (&Step, &Self)> {
        self.0.iter()
    }

    /// Adds another set's fields. What one of them owns whole stays whole.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (step, theirs) in other.steps() {
            match self.0.entry(step.clone()) {
                Entry::Vacant(place) => {
                    place.insert(theirs.clone());
                }
                Entry::Occupied(place) if place.get().is_leaf() => {}
                Entry::Occupied(mut place) if theirs.is_leaf() => {
                    *place.get_mut() = Self::default();
                }
                Entry::Occupied(mut place) => place.get_mut().merge(theirs),
            }
        }
    }

    /// The paths of all fields that are owned whole.
    pub(crate) fn leaves(&self) -> Vec<Vec<Step>> {
        let mut leaves = Vec::new();
        self.collect(&mut Vec::new(), &mut leaves);
        leaves
    }

    /// The paths of what is here and not in another set; of a field that the
    /// other one has nothing of, only its own path.
    pub(crate) fn beyond(&self, other: &Self) -> Vec<Vec<Step>> {
        let mut beyond = Vec::new();
        self.collect_beyond(other, &mut Vec::new(), &mut beyond);
        beyond
    }

    fn collect(&self, path: &mut Vec<Step>, leaves: &mut Vec<Vec<Step>>) {
        for (step, below) in self.steps() {
            path.push(step.clone());
            if below.is_leaf() {
                leaves.push(path.clone());
            } else {
                below.collect(path, leaves);
            }
            path.pop();
        }
    }

    fn collect_beyond(&self, other: &Self, path: &mut Vec<Step>, beyond: &mut Vec<Vec<Step>>) {
        for (step, below) in self.steps() {
            path.push(step.clone());
            match other.below(step) {
                None => beyond.push(path.clone()),
                Some(theirs) if !theirs.is_leaf() => below.collect_beyond(theirs, path, beyond),
                Some(_) => {}
            }
            path.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(name: &str) -> Step {
        Step::Field(name.to_owned())
    }

    #[test]
    fn leaves_are_owned_whole() {
        let set = FieldSet::of(&json!({"f:spec": {".": {}, "f:replicas": {}, "f:ports": {
            "k:{\"port\":80,\"name\":\"web\"}": {".": {}, "f:port": {}},
        }}}));
        let key = Step::Key(r#"{"name":"web","port":80}"#.to_owned());
        assert_eq!(
            set.leaves(),
            [
                vec![field("spec"), field("ports"), key, field("port")],
                vec![field("spec"), field("replicas")],
            ]
        );
    }

    #[test]
    fn what_only_one_of_two_has_is_named_at_its_top() {
        let theirs = FieldSet::of(&json!({"f:spec": {"f:a": {}, "f:b": {"f:c": {}, "f:d": {}}}}));
        let flux = FieldSet::of(&json!({"f:spec": {"f:a": {}}}));
        assert_eq!(theirs.beyond(&flux), [vec![field("spec"), field("b")]]);
    }

    #[test]
    fn what_is_in_an_atomic_field_belongs_to_its_owner() {
        let theirs = FieldSet::of(&json!({"f:spec": {"f:a": {"f:b": {}}}}));
        let flux = FieldSet::of(&json!({"f:spec": {"f:a": {}}}));
        assert!(theirs.beyond(&flux).is_empty());
    }
}
