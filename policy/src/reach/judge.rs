//! Policies applied to a world, ready for questions.

use std::collections::BTreeMap;

use super::side::{self, Ends};
use super::subject::{Governed, Rules};
use super::verdict::Verdict;
use super::{Endpoint, Question, World};
use crate::model::{Direction, Policy};
use crate::validate::{Agent, Violation, validate};

/// Policies that apply to a world. What applies to whom is worked out once, so that
/// any number of questions is cheap.
#[derive(Debug)]
pub struct Judge {
    known: BTreeMap<String, Known>,
    refused: Vec<Refused>,
}

/// An endpoint, and what applies to it.
#[derive(Debug)]
struct Known {
    endpoint: Endpoint,
    governed: Governed,
}

/// A policy that has no effect, because the agent refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its place among the policies.
    pub index: usize,
    /// Why.
    pub violations: Vec<Violation>,
}

impl Judge {
    /// Applies policies as an agent would.
    pub fn new<'p>(
        world: &World,
        policies: impl IntoIterator<Item = &'p Policy>,
        agent: &Agent,
    ) -> Self {
        let mut taken = Vec::new();
        let mut refused = Vec::new();
        for (index, policy) in policies.into_iter().enumerate() {
            let mut violations = validate(policy, agent);
            violations.retain(|violation| violation.consequence.is_refusal());
            if violations.is_empty() {
                taken.push(policy);
            } else {
                refused.push(Refused { index, violations });
            }
        }
        Self {
            refused,
            ..Self::of_taken(world.clone(), taken)
        }
    }

    /// Applies policies that are known to be without a refusal.
    pub fn of_taken<'p>(world: World, policies: impl IntoIterator<Item = &'p Policy>) -> Self {
        let mut rules = Rules::default();
        for policy in policies {
            rules.add(policy);
        }
        let known = world.endpoints.into_iter().map(|(name, endpoint)| {
            let known = Known {
                governed: rules.governing(&endpoint, world.host_firewall),
                endpoint,
            };
            (name, known)
        });
        Self {
            known: known.collect(),
            refused: Vec::new(),
        }
    }

    /// The policies that have no effect.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// Answers a question; nothing where an end is not in the world.
    pub fn ask(&self, question: &Question<'_>) -> Option<Verdict> {
        let opening = self.known.get(question.from)?;
        let answering = self.known.get(question.to)?;
        let side = |subject: &Known, peer: &Known, direction| {
            let ends = Ends {
                subject: &subject.endpoint,
                peer: &peer.endpoint,
                answering: &answering.endpoint,
            };
            side::judge(&subject.governed, &ends, question, direction)
        };
        Some(Verdict {
            egress: side(opening, answering, Direction::Egress),
            ingress: side(answering, opening, Direction::Ingress),
        })
    }
}
