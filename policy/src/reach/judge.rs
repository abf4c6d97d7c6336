//! Judging questions.

use std::collections::BTreeMap;

use super::clause::{Clause, PortKey};
use super::peers::subject_and_peer;
use super::question::Request;
use super::requests::Parser;
use super::subject::{self, Compiled, CompiledEntry, Governed, Towards};
use super::verdict::{Decision, Reason, RuleReference, Side, Verdict};
use super::{Endpoint, Question, Role, World};
use crate::model::{Action, Direction, Policy};
use crate::validate::{Agent, Violation, validate};

/// Policies that apply to a world.
pub struct Judge<'a> {
    world: &'a World,
    rules: Vec<Compiled>,
    refused: Vec<Refused>,
}

/// A policy that has no effect, because the agent refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its place among the policies.
    pub index: usize,
    /// Why.
    pub violations: Vec<Violation>,
}

impl<'a> Judge<'a> {
    /// Compiles policies as an agent would.
    pub fn new<'p>(
        world: &'a World,
        policies: impl IntoIterator<Item = &'p Policy>,
        agent: &Agent,
    ) -> Self {
        let mut rules = Vec::new();
        let mut refused = Vec::new();
        for (index, policy) in policies.into_iter().enumerate() {
            let mut violations = validate(policy, agent);
            violations.retain(|violation| violation.consequence.is_refusal());
            if violations.is_empty() {
                rules.extend(subject::compile(policy));
            } else {
                refused.push(Refused { index, violations });
            }
        }
        Self {
            world,
            rules,
            refused,
        }
    }

    /// The policies that have no effect.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// Answers a question; nothing where an end is not in the world.
    pub fn ask(&self, question: &Question<'_>) -> Option<Verdict> {
        self.session().ask(question)
    }

    /// For many questions about the same world: what applies to whom is worked out
    /// once.
    pub fn session(&self) -> Session<'_> {
        Session {
            judge: self,
            governed: BTreeMap::new(),
        }
    }
}

/// Many questions about one world.
pub struct Session<'a> {
    judge: &'a Judge<'a>,
    governed: BTreeMap<String, Governed<'a>>,
}

impl Session<'_> {
    /// Answers a question; nothing where an end is not in the world.
    pub fn ask(&mut self, question: &Question<'_>) -> Option<Verdict> {
        Some(Verdict {
            egress: self.side(question, Direction::Egress)?,
            ingress: self.side(question, Direction::Ingress)?,
        })
    }

    fn side(&mut self, question: &Question<'_>, direction: Direction) -> Option<Side> {
        let world = self.judge.world;
        let from = world.endpoints.get(question.from)?;
        let to = world.endpoints.get(question.to)?;
        let (subject, peer) = subject_and_peer(direction, from, to);
        let name = match direction {
            Direction::Ingress => question.to,
            Direction::Egress => question.from,
        };
        let governed = self
            .governed
            .entry(name.to_owned())
            .or_insert_with(|| subject::governed(&self.judge.rules, subject, world.host_firewall));
        let ends = Ends { subject, peer, to };
        let mut side = judge_side(governed, &ends, question, direction);
        side.reasons.sort();
        side.reasons.dedup();
        Some(side)
    }
}

struct Ends<'a> {
    subject: &'a Endpoint,
    peer: &'a Endpoint,
    to: &'a Endpoint,
}

/// A part of a rule that covers a connection.
#[derive(Clone, Copy)]
struct Covering<'a> {
    entry: &'a CompiledEntry,
    clause: &'a Clause,
    /// The selector that the peer matches.
    selector: &'a str,
}

impl Covering<'_> {
    /// What the agent merges rules by.
    fn merged_with(&self) -> (&PortKey, &str) {
        (&self.clause.port, self.selector)
    }

    fn allows(&self) -> Reason {
        Reason::AllowedBy(self.entry.reference.clone())
    }

    fn not_this(&self) -> Reason {
        Reason::NotThisRequest(self.entry.reference.clone())
    }
}

fn judge_side(
    governed: &Governed<'_>,
    ends: &Ends<'_>,
    question: &Question<'_>,
    direction: Direction,
) -> Side {
    if let Some(conflict) = &governed.conflict {
        return side(Decision::Undecided, [Reason::Conflict(conflict.clone())]);
    }
    let governed = governed.towards(direction);
    let initialising = ends.subject.is_initialising();
    if !governed.has_rules() && !initialising {
        return side(Decision::Allowed, [Reason::NoPolicy]);
    }
    let covering = |action| covering(governed, ends, question, action);
    let denied: Vec<_> = covering(Action::Deny)
        .map(|one| Reason::DeniedBy(one.entry.reference.clone()))
        .collect();
    if !denied.is_empty() {
        return side(Decision::Denied, denied);
    }
    let own_host = direction == Direction::Ingress
        && ends.peer.role == Role::Host
        && ends.subject.role != Role::Host
        && governed.has_rules();
    let implicit = if governed.isolated_by.is_empty() && !initialising {
        Some(Reason::NotIsolated)
    } else {
        own_host.then_some(Reason::OwnHost)
    };
    let allowing: Vec<_> = covering(Action::Allow).collect();
    match implicit {
        Some(reason) if allowing.is_empty() => side(Decision::Allowed, [reason]),
        None if allowing.is_empty() => {
            let isolating = governed.isolated_by.iter();
            let by = |reference: &&RuleReference| Reason::DefaultDeny((*reference).clone());
            side(Decision::Denied, isolating.map(by))
        }
        implicit => judge_request(&allowing, implicit, question.request.as_ref()),
    }
}

fn side(decision: Decision, reasons: impl IntoIterator<Item = Reason>) -> Side {
    Side {
        decision,
        reasons: reasons.into_iter().collect(),
    }
}

fn covering<'a>(
    governed: &'a Towards<'a>,
    ends: &'a Ends<'a>,
    question: &'a Question<'a>,
    action: Action,
) -> impl Iterator<Item = Covering<'a>> {
    let entries = governed
        .entries
        .iter()
        .filter(move |entry| entry.action == action);
    entries.flat_map(move |entry| {
        let clauses = entry.clauses.iter();
        let clauses = clauses.filter(move |clause| clause.port.covers(question, ends.to));
        clauses.flat_map(move |clause| {
            let selectors = entry.peers.matching(ends.peer);
            selectors.map(move |selector| Covering {
                entry,
                clause,
                selector,
            })
        })
    })
}

/// Judges the request inside a connection that at least one rule allows, beside what
/// allows without a rule.
fn judge_request(
    allowing: &[Covering<'_>],
    implicit: Option<Reason>,
    request: Option<&Request>,
) -> Side {
    let parsers = allowing.iter().map(|one| one.clause.requests.parser);
    let parser = parsers.max().unwrap_or(Parser::Nobody);
    let all = || {
        allowing
            .iter()
            .map(Covering::allows)
            .chain(implicit.clone())
    };
    let request = match (parser, request) {
        (Parser::Nobody, _) => return side(Decision::Allowed, all()),
        (Parser::Listener, _) | (_, None) => return side(Decision::Restricted, all()),
        (_, Some(request)) => request,
    };
    let admitting = match (parser, request) {
        (Parser::Tls, _) => admitted(allowing, request),
        (Parser::Dns, Request::Dns(name)) => dns(allowing, name),
        (Parser::Http, Request::Http(http)) => {
            let connects = implicit.is_some() || !admitted(allowing, request).is_empty();
            let admits = |one: &&Covering<'_>| connects && one.clause.requests.admit_http(http);
            allowing.iter().filter(admits).collect()
        }
        (Parser::Http, Request::Tls(_)) if opens_tls(allowing) => admitted(allowing, request),
        _ => {
            return side(
                Decision::RequestDenied,
                allowing.iter().map(Covering::not_this),
            );
        }
    };
    let reasons: Vec<_> = admitting
        .into_iter()
        .map(Covering::allows)
        .chain(implicit)
        .collect();
    if reasons.is_empty() {
        return side(
            Decision::RequestDenied,
            allowing.iter().map(Covering::not_this),
        );
    }
    side(Decision::Allowed, reasons)
}

/// The rules that let a connection pass by its TLS name. Among rules for equal peers and
/// ports, where one demands a name the others demand it too: they are merged.
fn admitted<'a, 'b>(allowing: &'a [Covering<'b>], request: &Request) -> Vec<&'a Covering<'b>> {
    let demanding: Vec<_> = allowing
        .iter()
        .filter(|one| one.clause.requests.names_servers())
        .map(Covering::merged_with)
        .collect();
    let admits = |one: &&Covering<'_>| {
        let requests = &one.clause.requests;
        let free = !requests.names_servers() && !demanding.contains(&one.merged_with());
        free || requests.admit_server_name(request)
    };
    allowing.iter().filter(admits).collect()
}

fn opens_tls(allowing: &[Covering<'_>]) -> bool {
    allowing.iter().any(|one| one.clause.requests.opens_tls)
}

/// The rules that let a query pass: among those with the very port that the DNS rules
/// have.
fn dns<'a, 'b>(allowing: &'a [Covering<'b>], name: &str) -> Vec<&'a Covering<'b>> {
    let redirecting: Vec<_> = allowing
        .iter()
        .filter(|one| one.clause.requests.restricts_dns)
        .map(|one| &one.clause.port)
        .collect();
    let admits = |one: &&Covering<'_>| {
        redirecting.contains(&&one.clause.port) && one.clause.requests.admit_dns(name)
    };
    allowing.iter().filter(admits).collect()
}
