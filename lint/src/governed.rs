//! Which items of policies apply to whom.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ztgit_policy::model::{LabelKey, LabelSet, well_known};

use crate::spot::{self, RuleSpot, Spot};
use crate::subject::Subject;

/// Everybody whom policies are about: the known pods, and a made-up one for each
/// selector that selects none of them.
#[derive(Debug)]
pub(crate) struct Population(Vec<Pods>);

/// Pods of one identity.
#[derive(Debug)]
struct Pods {
    name: String,
    labels: LabelSet,
    /// The positions of the items that apply to them, and of the items' rules.
    items: Vec<(usize, usize)>,
}

/// Pods of one identity, with every item that applies to them.
pub(crate) struct Governed<'s> {
    /// What to call them.
    pub(crate) name: &'s str,
    /// The items, in the order of the policies.
    pub(crate) items: Vec<Spot<'s>>,
}

/// Everybody whom policies are about.
pub(crate) fn governed<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Governed<'s>> {
    let Population(everybody) = subject.population();
    everybody.iter().map(|pods| {
        let items = pods.items.iter();
        Governed {
            name: &pods.name,
            items: items
                .map(|(rule, entry)| spot::entry(subject, *rule, *entry))
                .collect(),
        }
    })
}

impl Population {
    /// Those of a subject, in the order of their labels.
    pub(crate) fn of(subject: &Subject<'_>) -> Self {
        let mut all = everybody(subject);
        let mut by_namespace: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let namespace = LabelKey::k8s(well_known::NAMESPACE);
        for (index, one) in all.iter().enumerate() {
            let namespace = one.labels.get(&namespace).unwrap_or_default();
            if let Some(indices) = by_namespace.get_mut(namespace) {
                indices.push(index);
            } else {
                by_namespace.insert(namespace.to_owned(), vec![index]);
            }
        }
        let everywhere: Vec<usize> = (0..all.len()).collect();
        for (position, of) in spot::rules(subject).enumerate() {
            let Some(matcher) = &of.matchers.subject else {
                continue;
            };
            let within = match &of.policy.namespace {
                Some(namespace) => by_namespace.get(namespace).map_or(&[][..], Vec::as_slice),
                None => &everywhere,
            };
            for &index in within {
                if matcher.matches(&all[index].labels) {
                    let entries = 0..of.rule.entries.len();
                    let items = entries.map(|entry| (position, entry));
                    all[index].items.extend(items);
                }
            }
        }
        Self(all)
    }
}

fn everybody(subject: &Subject<'_>) -> Vec<Pods> {
    let mut names: BTreeMap<Cow<'_, LabelSet>, Cow<'_, str>> = BTreeMap::new();
    for rule in spot::rules(subject) {
        for (name, labels) in subjects(&rule) {
            names.entry(labels).or_insert(name);
        }
    }
    let ungoverned = |(labels, name): (Cow<'_, LabelSet>, Cow<'_, str>)| Pods {
        name: name.into_owned(),
        labels: labels.into_owned(),
        items: Vec::new(),
    };
    names.into_iter().map(ungoverned).collect()
}

/// The pods that a rule is about, by name: known ones, else one made up.
pub(crate) fn subjects<'s>(rule: &RuleSpot<'s>) -> Vec<(Cow<'s, str>, Cow<'s, LabelSet>)> {
    let Some(matcher) = &rule.matchers.subject else {
        return Vec::new();
    };
    let inventory = rule.subject.inventory();
    let namespace = rule.policy.namespace.as_deref();
    let known: Vec<_> = inventory
        .selected(matcher, namespace)
        .map(|pod| (Cow::from(&pod.name), Cow::Borrowed(&pod.labels)))
        .collect();
    if !known.is_empty() {
        return known;
    }
    let sample = inventory.sample(matcher).into_iter();
    sample
        .map(|pod| (pod.name.into(), Cow::Owned(pod.labels)))
        .collect()
}
