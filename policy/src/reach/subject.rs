//! Policies compiled, and what they say about one endpoint.

use std::sync::Arc;

use super::clause::{self, Clause};
use super::conflict::{self, Conflict};
use super::peers::Peers;
use super::verdict::RuleReference;
use super::{Endpoint, HostFirewall, Role};
use crate::model::{
    Action, Direction, Entry, Matcher, Pointer, Policy, Rule, Subject as Written, subject_matcher,
};

/// A rule, ready to be asked.
pub(super) struct Compiled {
    subject: About,
    matcher: Matcher,
    isolates: Vec<(Direction, RuleReference)>,
    entries: Vec<Arc<CompiledEntry>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Endpoints,
    Nodes,
}

/// An item of a section, ready to be asked.
pub(super) struct CompiledEntry {
    pub(super) reference: RuleReference,
    pub(super) direction: Direction,
    pub(super) action: Action,
    pub(super) peers: Peers,
    pub(super) clauses: Vec<Clause>,
    pub(super) authentication: Option<String>,
}

/// What all policies together say about one endpoint.
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
pub(super) struct Towards {
    pub(super) entries: Vec<Arc<CompiledEntry>>,
    pub(super) isolated_by: Vec<RuleReference>,
}

impl Towards {
    /// Whether any rule speaks about this direction.
    pub(super) fn has_rules(&self) -> bool {
        !self.entries.is_empty() || !self.isolated_by.is_empty()
    }
}

/// Compiles the rules of a policy that the agent takes.
pub(super) fn compile(policy: &Policy) -> Vec<Compiled> {
    let rules = policy.rules.iter();
    rules
        .filter_map(|rule| compile_rule(policy, rule))
        .collect()
}

fn compile_rule(policy: &Policy, rule: &Rule) -> Option<Compiled> {
    let reference = |pointer: &Pointer| RuleReference {
        kind: policy.kind,
        namespace: policy.namespace.clone(),
        name: policy.name.clone(),
        pointer: pointer.clone(),
    };
    let compile_entry = |entry: &Entry| CompiledEntry {
        reference: reference(&entry.pointer),
        direction: entry.direction,
        action: entry.action,
        peers: Peers::of(policy, rule, entry),
        clauses: clause::of(entry),
        authentication: entry.authentication.as_ref().map(|one| one.mode.clone()),
    };
    let isolates = rule.isolates.iter();
    Some(Compiled {
        subject: match rule.subject()? {
            Written::Endpoints(_) => About::Endpoints,
            Written::Nodes(_) => About::Nodes,
        },
        matcher: subject_matcher(policy, rule)?,
        isolates: isolates
            .map(|&direction| (direction, reference(&rule.pointer)))
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

/// What compiled rules say about an endpoint.
pub(super) fn governed(
    rules: &[Compiled],
    endpoint: &Endpoint,
    firewall: HostFirewall,
) -> Governed {
    let applying = rules
        .iter()
        .filter(|rule| rule.is_about(endpoint, firewall));
    let applying: Vec<_> = applying.collect();
    let ingress = towards(&applying, Direction::Ingress);
    let egress = towards(&applying, Direction::Egress);
    Governed {
        conflict: conflict::find(&ingress.entries).or_else(|| conflict::find(&egress.entries)),
        ingress,
        egress,
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
