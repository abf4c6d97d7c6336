//! Which items of policies apply to whom.

use std::collections::{BTreeMap, BTreeSet};

use ztgit_policy::model::{LabelKey, LabelSet, subject_matcher, well_known};

use crate::spot::{self, RuleSpot, Spot};
use crate::subject::Subject;

/// Pods of one identity, with every item that applies to them.
pub(crate) struct Governed<'s> {
    /// What to call them.
    pub(crate) name: String,
    /// Their labels.
    pub(crate) labels: LabelSet,
    /// The items, in the order of the policies.
    pub(crate) items: Vec<Spot<'s>>,
}

/// Everybody whom policies are about: the known pods, and a made-up one for each
/// selector that selects none of them.
pub(crate) fn governed<'s>(subject: &'s Subject<'s>) -> Vec<Governed<'s>> {
    let mut all: Vec<Governed<'s>> = everybody(subject).into_iter().map(ungoverned).collect();
    let mut by_namespace: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, one) in all.iter().enumerate() {
        let namespace = one.labels.get(&LabelKey::k8s(well_known::NAMESPACE));
        let namespace = namespace.unwrap_or_default().to_owned();
        by_namespace.entry(namespace).or_default().push(index);
    }
    let everywhere: Vec<usize> = (0..all.len()).collect();
    for of in spot::rules(subject) {
        let Some(matcher) = subject_matcher(of.policy, of.rule) else {
            continue;
        };
        let within = match &of.policy.namespace {
            Some(namespace) => by_namespace.get(namespace).map_or(&[][..], Vec::as_slice),
            None => &everywhere,
        };
        for &index in within {
            if matcher.matches(&all[index].labels) {
                let items = of.rule.entries.iter().map(|entry| Spot { of, entry });
                all[index].items.extend(items);
            }
        }
    }
    all
}

fn everybody(subject: &Subject<'_>) -> BTreeSet<(LabelSet, String)> {
    let mut names: BTreeMap<LabelSet, String> = BTreeMap::new();
    for rule in spot::rules(subject) {
        for (name, labels) in subjects(&rule) {
            names.entry(labels).or_insert(name);
        }
    }
    names.into_iter().collect()
}

fn ungoverned<'s>((labels, name): (LabelSet, String)) -> Governed<'s> {
    Governed {
        name,
        labels,
        items: Vec::new(),
    }
}

/// The pods that a rule is about, by name: known ones, else one made up.
pub(crate) fn subjects(rule: &RuleSpot<'_>) -> Vec<(String, LabelSet)> {
    let Some(matcher) = subject_matcher(rule.policy, rule.rule) else {
        return Vec::new();
    };
    let inventory = rule.subject.inventory();
    let namespace = rule.policy.namespace.as_deref();
    let known: Vec<_> = inventory
        .selected(&matcher, namespace)
        .map(|pod| (pod.name.clone(), pod.labels.clone()))
        .collect();
    if !known.is_empty() {
        return known;
    }
    let sample = inventory.sample(&matcher).into_iter();
    sample.map(|pod| (pod.name, pod.labels)).collect()
}
