//! Answers, with their reasons.

use std::fmt;
use std::sync::Arc;

use super::Conflict;
use crate::model::{Direction, Pointer, PolicyKind};

/// What both sides say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The side of who opens.
    pub egress: Side,
    /// The side of who answers.
    pub ingress: Side,
}

impl Verdict {
    /// Whether the connection, and the request if there is one, gets through. Where
    /// the question has no request, a proxy that judges requests counts as passing.
    pub fn is_allowed(&self) -> bool {
        self.egress.decision.passes() && self.ingress.decision.passes()
    }

    /// The side of a direction.
    pub fn side(&self, direction: Direction) -> &Side {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }
}

/// What one side says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The answer.
    pub decision: Decision,
    /// What it rests on, in the order of the policies.
    pub reasons: Vec<Reason>,
}

/// The answer of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Decision {
    /// It passes.
    Allowed,
    /// It passes to a proxy, which judges each request; the question had none.
    Restricted,
    /// It is dropped, and whoever opened waits in vain.
    Denied,
    /// A proxy refuses the request, as HTTP 403 or as DNS `REFUSED`.
    RequestDenied,
    /// The agent cannot compute this subject's policy.
    Undecided,
}

impl Decision {
    /// Whether it gets past this side.
    pub fn passes(self) -> bool {
        matches!(self, Self::Allowed | Self::Restricted)
    }
}

/// What an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No policy is about this end.
    NoPolicy,
    /// Policies are about this end, but none isolates it.
    NotIsolated,
    /// Isolated by this rule, and nothing allows.
    DefaultDeny(Arc<RuleReference>),
    /// The host of a pod's own node.
    OwnHost,
    /// This rule allows.
    AllowedBy(Arc<RuleReference>),
    /// This rule would allow the connection, but not this request.
    NotThisRequest(Arc<RuleReference>),
    /// This rule denies.
    DeniedBy(Arc<RuleReference>),
    /// These rules cannot be merged.
    Conflict(Conflict),
}

/// A rule of a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RuleReference {
    /// The policy's kind.
    pub kind: PolicyKind,
    /// The policy's namespace.
    pub namespace: Option<String>,
    /// The policy's name.
    pub name: String,
    /// The rule's place in it: the item of a section, or `spec` for a default deny.
    pub pointer: Pointer,
}

impl fmt::Display for RuleReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ", self.kind.name())?;
        if let Some(namespace) = &self.namespace {
            write!(formatter, "{namespace}/")?;
        }
        write!(formatter, "{}{}", self.name, self.pointer)
    }
}
