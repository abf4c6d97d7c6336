//! Policies compiled, and what they say about one endpoint.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::clause::{self, Clause};
use super::conflict::{self, Conflict};
use super::peers::Peers;
use super::verdict::RuleReference;
use super::{Endpoint, HostFirewall, Role};
use crate::model::{
    Action, Direction, Entry, LabelKey, Matcher, Pointer, Policy, Rule, Subject as Written,
    subject_matcher, well_known,
};

/// Rules, ready to be asked, by the namespace that their subjects are in. Most rules
/// are about one namespace, and most endpoints are in another.
#[derive(Default)]
pub(super) struct Rules {
    anywhere: Vec<Compiled>,
    inside: BTreeMap<String, Vec<Compiled>>,
}

/// A rule, ready to be asked.
struct Compiled {
    subject: About,
    matcher: Matcher,
    isolates: Vec<(Direction, Arc<RuleReference>)>,
    entries: Vec<Arc<CompiledEntry>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Endpoints,
    Nodes,
}

/// An item of a section, ready to be asked.
#[derive(Debug)]
pub(super) struct CompiledEntry {
    pub(super) reference: Arc<RuleReference>,
    pub(super) direction: Direction,
    pub(super) action: Action,
    pub(super) peers: Peers,
    pub(super) clauses: Vec<Clause>,
    pub(super) authentication: Option<String>,
}

/// What all policies together say about one endpoint.
#[derive(Debug)]
pub(super) struct Governed {
    ingress: Towards,
    egress: Towards,
    /// In either direction; it spoils both.
    pub(super) conflict: Option<Conflict>,
}

impl Governed {
    /// What they say about one direction.
    pub(super) fn towards(&self, direction: Direction) -> &Towards {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }
}

/// What all policies together say about one endpoint in one direction.
#[derive(Debug)]
pub(super) struct Towards {
    pub(super) entries: Vec<Arc<CompiledEntry>>,
    pub(super) isolated_by: Vec<Arc<RuleReference>>,
}

impl Towards {
    /// Whether any rule speaks about this direction.
    pub(super) fn has_rules(&self) -> bool {
        !self.entries.is_empty() || !self.isolated_by.is_empty()
    }
}

impl Rules {
    /// Adds the rules of a policy that the agent takes.
    pub(super) fn add(&mut self, policy: &Policy) {
        let rules = policy.rules.iter();
        for compiled in rules.filter_map(|rule| compile(policy, rule)) {
            match &policy.namespace {
                Some(own) if compiled.subject == About::Endpoints => {
                    let inside = self.inside.entry(own.clone()).or_default();
                    inside.push(compiled);
                }
                _ => self.anywhere.push(compiled),
            }
        }
    }

    /// What the rules say about an endpoint.
    pub(super) fn governing(&self, endpoint: &Endpoint, firewall: HostFirewall) -> Governed {
        let namespace = endpoint.labels.get(&LabelKey::k8s(well_known::NAMESPACE));
        let inside = namespace.and_then(|namespace| self.inside.get(namespace));
        let rules = self.anywhere.iter().chain(inside.into_iter().flatten());
        let applying: Vec<_> = rules
            .filter(|rule| rule.is_about(endpoint, firewall))
            .collect();
        let ingress = towards(&applying, Direction::Ingress);
        let egress = towards(&applying, Direction::Egress);
        Governed {
            conflict: conflict::find(&ingress.entries).or_else(|| conflict::find(&egress.entries)),
            ingress,
            egress,
        }
    }
}

fn compile(policy: &Policy, rule: &Rule) -> Option<Compiled> {
    let reference = |pointer: &Pointer| {
        Arc::new(RuleReference {
            kind: policy.kind,
            namespace: policy.namespace.clone(),
            name: policy.name.clone(),
            pointer: pointer.clone(),
        })
    };
    let compile_entry = |entry: &Entry| CompiledEntry {
        reference: reference(&entry.pointer),
        direction: entry.direction,
        action: entry.action,
        peers: Peers::of(policy, rule, entry),
        clauses: clause::of(entry),
        authentication: entry.authentication.as_ref().map(|one| one.mode.clone()),
    };
    let own = reference(&rule.pointer);
    let isolates = rule.isolates.iter();
    Some(Compiled {
        subject: match rule.subject()? {
            Written::Endpoints(_) => About::Endpoints,
            Written::Nodes(_) => About::Nodes,
        },
        matcher: subject_matcher(policy, rule)?,
        isolates: isolates
            .map(|&direction| (direction, own.clone()))
            .collect(),
        entries: rule
            .entries
            .iter()
            .map(compile_entry)
            .map(Arc::new)
            .collect(),
    })
}

impl Compiled {
    fn is_about(&self, endpoint: &Endpoint, firewall: HostFirewall) -> bool {
        let kind = match endpoint.role {
            Role::Endpoint => self.subject == About::Endpoints,
            Role::Host => self.subject == About::Nodes && firewall == HostFirewall::On,
            Role::RemoteNode | Role::World => false,
        };
        kind && self.matcher.matches(&endpoint.labels)
    }
}

fn towards(applying: &[&Compiled], direction: Direction) -> Towards {
    let isolates = applying.iter().flat_map(|rule| &rule.isolates);
    let entries = applying.iter().flat_map(|rule| &rule.entries);
    Towards {
        isolated_by: isolates
            .filter(|(isolated, _)| *isolated == direction)
            .map(|(_, reference)| reference.clone())
            .collect(),
        entries: entries
            .filter(|entry| entry.direction == direction)
            .cloned()
            .collect(),
    }
}
