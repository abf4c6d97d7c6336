//! Policies applied to a world, ready for questions.

use std::collections::BTreeMap;

use super::side::{self, Ends};
use super::subject::{self, Governed};
use super::verdict::{Side, Verdict};
use super::{Question, World};
use crate::model::{Direction, Policy};
use crate::validate::{Agent, Violation, validate};

/// Policies that apply to a world. What applies to whom is worked out once, so that
/// any number of questions is cheap.
pub struct Judge<'a> {
    world: &'a World,
    governed: BTreeMap<&'a str, Governed>,
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
    /// Applies policies as an agent would.
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
        let governed = world.endpoints.iter().map(|(name, endpoint)| {
            let governed = subject::governed(&rules, endpoint, world.host_firewall);
            (name.as_str(), governed)
        });
        Self {
            governed: governed.collect(),
            world,
            refused,
        }
    }

    /// The policies that have no effect.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// Answers a question; nothing where an end is not in the world.
    pub fn ask(&self, question: &Question<'_>) -> Option<Verdict> {
        Some(Verdict {
            egress: self.ask_side(question, Direction::Egress)?,
            ingress: self.ask_side(question, Direction::Ingress)?,
        })
    }

    fn ask_side(&self, question: &Question<'_>, direction: Direction) -> Option<Side> {
        let (subject, peer) = match direction {
            Direction::Ingress => (question.to, question.from),
            Direction::Egress => (question.from, question.to),
        };
        let endpoint = |name: &str| self.world.endpoints.get(name);
        let ends = Ends {
            subject: endpoint(subject)?,
            peer: endpoint(peer)?,
            answering: endpoint(question.to)?,
        };
        let governed = self.governed.get(subject)?;
        Some(side::judge(governed, &ends, question, direction))
    }
}
