//! What the agent at one end says.

use super::clause::{Clause, PortKey};
use super::peers::Key;
use super::question::Request;
use super::requests::Parser;
use super::subject::{CompiledEntry, Governed, Towards};
use super::verdict::{Decision, Reason, Side};
use super::{Endpoint, Question, Role};
use crate::model::{Action, Direction};

/// Both ends, seen from one of them.
pub(super) struct Ends<'a> {
    /// Whose agent is asked.
    pub(super) subject: &'a Endpoint,
    /// Who is at the other end.
    pub(super) peer: &'a Endpoint,
    /// Who answers, and so names ports.
    pub(super) answering: &'a Endpoint,
}

/// A part of a rule that covers a connection.
struct Covering<'a> {
    entry: &'a CompiledEntry,
    clause: &'a Clause,
    /// The selector that the peer matches.
    selector: Key<'a>,
}

impl Covering<'_> {
    /// What the agent merges rules by.
    fn merged_with(&self) -> (&PortKey, &Key<'_>) {
        (&self.clause.port, &self.selector)
    }

    fn allows(&self) -> Reason {
        Reason::AllowedBy(self.entry.reference.clone())
    }

    fn not_this(&self) -> Reason {
        Reason::NotThisRequest(self.entry.reference.clone())
    }
}

/// What the subject's agent says in a direction.
pub(super) fn judge(
    governed: &Governed,
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
            let by = isolating.cloned().map(Reason::DefaultDeny);
            side(Decision::Denied, by)
        }
        implicit => judge_request(&allowing, implicit, question.request.as_ref()),
    }
}

/// Each reason once, in order.
fn side(decision: Decision, reasons: impl IntoIterator<Item = Reason>) -> Side {
    let mut reasons: Vec<_> = reasons.into_iter().collect();
    reasons.sort();
    reasons.dedup();
    Side { decision, reasons }
}

fn covering<'a>(
    governed: &'a Towards,
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
        let clauses = clauses.filter(move |clause| clause.port.covers(question, ends.answering));
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
