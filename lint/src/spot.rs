//! Objects and the parts of policies, each with what a finding about it needs.

use ztgit_policy::Pointer;
use ztgit_policy::model::{Direction, Entry, L7Rules, Matcher, Peer, Policy, PortRule, Rule};

use crate::finding::{Found, Place};
use crate::matchers::{PeerMatchers, RuleMatchers};
use crate::subject::{Object, ObjectIndex, Subject};

/// An object, and where it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ObjectSpot<'s> {
    /// Its position among the objects.
    pub(crate) index: ObjectIndex,
    /// The object.
    pub(crate) object: &'s Object<'s>,
}

/// A rule of a policy, and where it is.
#[derive(Clone, Copy)]
pub(crate) struct RuleSpot<'s> {
    /// Everything.
    pub(crate) subject: &'s Subject<'s>,
    /// The policy's object.
    pub(crate) index: ObjectIndex,
    /// The policy.
    pub(crate) policy: &'s Policy,
    /// The rule.
    pub(crate) rule: &'s Rule,
    /// Whom its selectors select.
    pub(crate) matchers: &'s RuleMatchers,
}

/// An item of a rule's section, and where it is.
#[derive(Clone, Copy)]
pub(crate) struct Spot<'s> {
    /// The rule.
    pub(crate) of: RuleSpot<'s>,
    /// The item.
    pub(crate) entry: &'s Entry,
    /// Whom its peers are.
    matchers: &'s PeerMatchers,
}

/// Every rule of every policy.
pub(crate) fn rules<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = RuleSpot<'s>> {
    let matchers = subject.matchers().iter();
    matchers.map(move |matchers| rule(subject, matchers))
}

fn rule<'s>(subject: &'s Subject<'s>, matchers: &'s RuleMatchers) -> RuleSpot<'s> {
    let (index, policy) = &subject.policies[matchers.policy];
    RuleSpot {
        subject,
        index: *index,
        policy,
        rule: &policy.rules[matchers.rule],
        matchers,
    }
}

/// Every item of every rule.
pub(crate) fn entries<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Spot<'s>> {
    rules(subject).flat_map(RuleSpot::entries)
}

/// The item of a rule, both by their positions.
pub(crate) fn entry<'s>(subject: &'s Subject<'s>, rule_at: usize, entry_at: usize) -> Spot<'s> {
    let of = rule(subject, &subject.matchers()[rule_at]);
    Spot {
        of,
        entry: &of.rule.entries[entry_at],
        matchers: &of.matchers.entries[entry_at],
    }
}

/// Every peer of every item.
pub(crate) fn peers<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = (Spot<'s>, &'s Peer)> {
    entries(subject).flat_map(|spot| spot.peers().map(move |(peer, _)| (spot, peer)))
}

/// Every item of `toPorts` of a direction.
pub(crate) fn ports<'s>(
    subject: &'s Subject<'s>,
    direction: Direction,
) -> impl Iterator<Item = (Spot<'s>, &'s PortRule)> {
    entries(subject)
        .filter(move |spot| spot.entry.direction == direction)
        .flat_map(|spot| spot.entry.ports.iter().map(move |ports| (spot, ports)))
}

/// Every set of rules about requests or look-ups.
pub(crate) fn l7<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = (Spot<'s>, &'s L7Rules)> {
    entries(subject).flat_map(|spot| {
        let ports = spot.entry.ports.iter();
        ports.filter_map(move |ports| Some((spot, ports.l7.as_ref()?)))
    })
}

impl<'s> ObjectSpot<'s> {
    /// Its namespace, that of objects which name none where it has none.
    pub(crate) fn namespace(self) -> &'s str {
        self.object.namespace().unwrap_or("default")
    }

    /// A finding at a place in it.
    pub(crate) fn finding(
        self,
        pointer: &str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Found {
        let place = Place::Object(self.index, pointer.to_owned());
        Found::new(self.object.id(), place, message, hint)
    }
}

impl<'s> RuleSpot<'s> {
    /// Its items.
    pub(crate) fn entries(self) -> impl Iterator<Item = Spot<'s>> {
        let entries = self.rule.entries.iter().zip(&self.matchers.entries);
        entries.map(move |(entry, matchers)| Spot {
            of: self,
            entry,
            matchers,
        })
    }

    /// A finding about the policy, at a place in it.
    pub(crate) fn finding(
        &self,
        at: &Pointer,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Found {
        Found::new(
            self.subject.object(self.index).id(),
            Place::Object(self.index, at.as_str().to_owned()),
            message,
            hint,
        )
    }
}

impl<'s> Spot<'s> {
    /// Its peers, each with the matchers any of which selects it.
    pub(crate) fn peers(self) -> impl Iterator<Item = (&'s Peer, &'s [Matcher])> {
        let peers = self.entry.peers.iter().flat_map(|list| &list.peers);
        peers.zip(self.matchers.iter().map(Vec::as_slice))
    }

    /// The matchers of all of them.
    pub(crate) fn matchers(self) -> impl Iterator<Item = &'s Matcher> {
        self.matchers.iter().flatten()
    }

    /// A finding about the policy, at a place in it.
    pub(crate) fn finding(
        &self,
        at: &Pointer,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Found {
        self.of.finding(at, message, hint)
    }
}
