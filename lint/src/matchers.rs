//! Whom the selectors of policies select.
//!
//! Enters: the policies of a subject. Leaves: for every rule its place, and for its
//! subject and each of its peers the matchers that the agent makes of what is written.

use ztgit_policy::model::{Entry, Matcher, Policy, Rule, peer_matchers, subject_matcher};

use crate::subject::Subject;

/// A rule by its place, with the matchers of its selectors.
#[derive(Debug)]
pub(crate) struct RuleMatchers {
    /// Its policy's position among the policies.
    pub(crate) policy: usize,
    /// Its position in the policy.
    pub(crate) rule: usize,
    /// Whom it is about; none where it does not say so once.
    pub(crate) subject: Option<Matcher>,
    /// For each item the peers, in the order of all its lists.
    pub(crate) entries: Vec<PeerMatchers>,
}

/// For each peer of an item the matchers any of which selects it; none for peers that
/// have no labels.
pub(crate) type PeerMatchers = Vec<Vec<Matcher>>;

/// Those of every rule of every policy.
pub(crate) fn all(subject: &Subject<'_>) -> Vec<RuleMatchers> {
    let policies = subject.policies.iter().enumerate();
    policies
        .flat_map(|(at, (_, policy))| {
            let rules = policy.rules.iter().enumerate();
            rules.map(move |(position, rule)| RuleMatchers {
                policy: at,
                rule: position,
                subject: subject_matcher(policy, rule),
                entries: rule
                    .entries
                    .iter()
                    .map(|entry| of_peers(policy, rule, entry))
                    .collect(),
            })
        })
        .collect()
}

fn of_peers(policy: &Policy, rule: &Rule, entry: &Entry) -> PeerMatchers {
    let peers = entry.peers.iter().flat_map(|list| &list.peers);
    peers
        .map(|peer| peer_matchers(policy, rule, peer))
        .collect()
}
