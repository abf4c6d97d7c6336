//! Rules that the agent cannot merge.
//!
//! It merges what different rules say about equal peers and equal ports, and gives up
//! on the whole subject where that is impossible (`mergePortProto` in
//! `pkg/policy/rule.go`): no proxy reads two protocols, and names of TLS beside rules
//! about requests need TLS to be opened. For the latter it depends on the names of the
//! policies whether it gives up; here it always counts as a conflict.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::clause::{Clause, PortKey};
use super::peers::Key;
use super::requests::Parser;
use super::subject::CompiledEntry;
use super::verdict::RuleReference;
use crate::model::Action;

/// Two rules that cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// The rule that comes first.
    pub first: RuleReference,
    /// The rule that does not fit it.
    pub second: RuleReference,
    /// In what it does not.
    pub kind: ConflictKind,
}

/// In what two rules cannot be merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConflictKind {
    /// They need different proxies.
    Proxies,
    /// Names of TLS servers beside rules about requests, and nobody opens TLS.
    ServerNames,
    /// Different modes of authentication.
    Authentication,
}

struct Merged<'a> {
    first: &'a RuleReference,
    parser: Parser,
    has_rules: bool,
    names_servers: bool,
    opens_tls: bool,
    authentication: Option<&'a str>,
}

/// The first conflict among what applies to one subject in one direction. Where a rule
/// denies the same, there is nothing to merge.
pub(super) fn find(entries: &[Arc<CompiledEntry>]) -> Option<Conflict> {
    let mut sorted: Vec<&CompiledEntry> = entries.iter().map(AsRef::as_ref).collect();
    sorted.sort_by(|one, other| one.reference.cmp(&other.reference));
    let denied: BTreeSet<(&PortKey, Key<'_>)> = sorted
        .iter()
        .filter(|entry| entry.action == Action::Deny)
        .flat_map(|entry| parts(entry))
        .map(|(clause, peer)| (&clause.port, peer))
        .collect();
    let mut merged: BTreeMap<(&PortKey, Key<'_>), Merged<'_>> = BTreeMap::new();
    for entry in sorted.iter().filter(|entry| entry.action == Action::Allow) {
        for (clause, peer) in parts(entry) {
            let key = (&clause.port, peer);
            if denied.contains(&key) {
                continue;
            }
            let Some(existing) = merged.get_mut(&key) else {
                merged.insert(key, Merged::of(entry, clause));
                continue;
            };
            if let Err(kind) = existing.merge(entry, clause) {
                return Some(Conflict {
                    first: existing.first.clone(),
                    second: (*entry.reference).clone(),
                    kind,
                });
            }
        }
    }
    None
}

fn parts(entry: &CompiledEntry) -> impl Iterator<Item = (&Clause, Key<'_>)> {
    let clauses = entry.clauses.iter();
    clauses.flat_map(|clause| entry.peers.keys().map(move |peer| (clause, peer)))
}

impl<'a> Merged<'a> {
    fn of(entry: &'a CompiledEntry, clause: &Clause) -> Self {
        Self {
            first: &entry.reference,
            parser: clause.requests.parser,
            has_rules: clause.requests.has_rules(),
            names_servers: clause.requests.names_servers(),
            opens_tls: clause.requests.opens_tls,
            authentication: entry.authentication.as_deref(),
        }
    }

    /// Adds a rule.
    fn merge(&mut self, entry: &'a CompiledEntry, clause: &Clause) -> Result<(), ConflictKind> {
        let other = Self::of(entry, clause);
        self.parser = merge_parsers(self.parser, other.parser).ok_or(ConflictKind::Proxies)?;
        if let (Some(one), Some(two)) = (self.authentication, other.authentication)
            && one != two
        {
            return Err(ConflictKind::Authentication);
        }
        self.authentication = self.authentication.or(other.authentication);
        self.has_rules |= other.has_rules;
        self.names_servers |= other.names_servers;
        self.opens_tls |= other.opens_tls;
        if self.has_rules && self.names_servers && !self.opens_tls {
            return Err(ConflictKind::ServerNames);
        }
        Ok(())
    }
}

fn merge_parsers(one: Parser, two: Parser) -> Option<Parser> {
    match (one, two) {
        (same, other) if same == other => Some(same),
        (Parser::Nobody, other) | (other, Parser::Nobody) => Some(other),
        (Parser::Tls, Parser::Http) | (Parser::Http, Parser::Tls) => Some(Parser::Http),
        _ => None,
    }
}
