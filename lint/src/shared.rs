//! What rules have in common to ask of a subject. Each answer is worked out when the
//! first rule asks, once, and owns what it says: it lives as long as the subject.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use ztgit_policy::model::LabelSet;
use ztgit_policy::{Violation, validate};

use crate::agent;
use crate::governed::Population;
use crate::host::firewall::Loaded;
use crate::host::k3s::Settings;
use crate::host::wireguard::Tunnel;
use crate::inventory::Inventory;
use crate::matchers::{self, RuleMatchers};
use crate::meet;
use crate::neighbourhood::Neighbourhood;
use crate::subject::{ObjectIndex, Subject};

/// The answers so far.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    inventory: OnceLock<Inventory>,
    violations: OnceLock<Vec<(ObjectIndex, Violation)>>,
    matchers: OnceLock<Vec<RuleMatchers>>,
    population: OnceLock<Population>,
    witnesses: OnceLock<BTreeSet<LabelSet>>,
    neighbourhood: OnceLock<Neighbourhood>,
    rulesets: OnceLock<Vec<Loaded>>,
    tunnels: OnceLock<Vec<Tunnel>>,
    k3s: OnceLock<Vec<Settings>>,
}

impl Subject<'_> {
    /// The pods that are known of.
    pub(crate) fn inventory(&self) -> &Inventory {
        self.shared.inventory.get_or_init(|| Inventory::of(self))
    }

    /// What the agent refuses, drops or ignores.
    pub(crate) fn violations(&self) -> &[(ObjectIndex, Violation)] {
        self.shared.violations.get_or_init(|| {
            let agent = agent::of(self);
            let policies = self.policies.iter();
            policies
                .flat_map(|(index, policy)| {
                    let violations = validate(policy, &agent);
                    violations.into_iter().map(|violation| (*index, violation))
                })
                .collect()
        })
    }

    /// Every rule of every policy, with whom its selectors select.
    pub(crate) fn matchers(&self) -> &[RuleMatchers] {
        self.shared.matchers.get_or_init(|| matchers::all(self))
    }

    /// Whom policies are about, and which of their items apply to whom.
    pub(crate) fn population(&self) -> &Population {
        self.shared.population.get_or_init(|| Population::of(self))
    }

    /// Everybody who can be at the other end of a connection.
    pub(crate) fn witnesses(&self) -> &BTreeSet<LabelSet> {
        self.shared.witnesses.get_or_init(|| meet::witnesses(self))
    }

    /// Who reaches whom.
    pub(crate) fn neighbourhood(&self) -> &Neighbourhood {
        let neighbourhood = &self.shared.neighbourhood;
        neighbourhood.get_or_init(|| Neighbourhood::of(self))
    }

    /// Every file that nft loads.
    pub(crate) fn rulesets(&self) -> &[Loaded] {
        self.shared.rulesets.get_or_init(|| Loaded::all(self))
    }

    /// Every file of WireGuard.
    pub(crate) fn tunnels(&self) -> &[Tunnel] {
        self.shared.tunnels.get_or_init(|| Tunnel::all(self))
    }

    /// How each node's files configure k3s.
    pub(crate) fn k3s_settings(&self) -> &[Settings] {
        self.shared.k3s.get_or_init(|| Settings::all(self))
    }
}
