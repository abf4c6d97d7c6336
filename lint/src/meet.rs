//! Whether two items of policies have connections in common.

use std::collections::BTreeSet;
use std::net::IpAddr;

use ipnet::IpNet;
use ztgit_policy::model::{Entity, LabelSet, PeerSelector, Port, PortMatch, Protocol, Scope};

use crate::elsewhere;
use crate::inventory::others;
use crate::spot::{self, Spot};
use crate::subject::Subject;

/// Everybody who can be at the other end: known pods, a made-up one for each selector
/// that selects none of them, and identities that are no pods.
pub(crate) fn witnesses(subject: &Subject<'_>) -> BTreeSet<LabelSet> {
    let inventory = subject.inventory();
    let mut found: BTreeSet<LabelSet> = others().into_iter().map(|(_, labels)| labels).collect();
    found.extend(inventory.pods().iter().map(|pod| pod.labels.clone()));
    let mut asked = BTreeSet::new();
    for spot in spot::entries(subject) {
        // Flows between the same ends have the same matchers.
        let unasked = spot.matchers().filter(|matcher| asked.insert(*matcher));
        for matcher in unasked {
            if !found.iter().any(|labels| matcher.matches(labels)) {
                found.extend(inventory.sample(matcher).map(|pod| pod.labels));
            }
        }
    }
    found
}

/// Whether somebody is a peer of both, or would be if namespaces were not forgotten.
pub(crate) fn peers_meet(one: &Spot<'_>, other: &Spot<'_>, witnesses: &BTreeSet<LabelSet>) -> bool {
    match (one.entry.scope(), other.entry.scope()) {
        (Scope::Nobody, _) | (_, Scope::Nobody) => false,
        (Scope::Everybody, _) | (_, Scope::Everybody) => true,
        (Scope::Peers(_), Scope::Peers(_)) => {
            let (ours, theirs) = (Labelled::of(one), Labelled::of(other));
            let mut witnesses = witnesses.iter();
            witnesses.any(|labels| ours.contain(labels) && theirs.contain(labels))
                || outside_meet(one, other)
        }
    }
}

/// Peers that have labels.
struct Labelled<'s> {
    spot: Spot<'s>,
    meant: Vec<&'s LabelSet>,
}

impl<'s> Labelled<'s> {
    fn of(spot: &Spot<'s>) -> Self {
        let peers = spot.peers();
        let meant = peers.filter_map(|(peer, matchers)| elsewhere::meant(spot, peer, matchers));
        Self {
            spot: *spot,
            meant: meant.map(|pod| &pod.labels).collect(),
        }
    }

    fn contain(&self, labels: &LabelSet) -> bool {
        self.meant.contains(&labels) || self.spot.matchers().any(|one| one.matches(labels))
    }
}

/// The same for peers outside the cluster, which have no labels.
fn outside_meet(one: &Spot<'_>, other: &Spot<'_>) -> bool {
    let outside = |spot: &Spot<'_>| -> Vec<Outside> {
        let peers = spot.entry.peers.iter().flat_map(|list| &list.peers);
        peers
            .filter_map(|peer| Outside::of(&peer.selector))
            .collect()
    };
    let theirs = outside(other);
    outside(one)
        .iter()
        .any(|ours| theirs.iter().any(|theirs| ours.meets(theirs)))
}

enum Outside {
    World,
    Range(IpNet),
    Name(String),
}

impl Outside {
    fn of(selector: &PeerSelector) -> Option<Self> {
        Some(match selector {
            PeerSelector::Entity(name) => match Entity::parse(name)? {
                Entity::All | Entity::World | Entity::WorldIpv4 | Entity::WorldIpv6 => Self::World,
                _ => return None,
            },
            PeerSelector::Cidr(text) => Self::Range(range(text)?),
            PeerSelector::CidrRule(rule) => Self::Range(range(rule.cidr.as_deref()?)?),
            PeerSelector::Fqdn { name, pattern } => {
                Self::Name(name.as_ref().or(pattern.as_ref())?.to_ascii_lowercase())
            }
            _ => return None,
        })
    }

    fn meets(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::World, _) | (_, Self::World) => true,
            (Self::Range(one), Self::Range(two)) => one.contains(two) || two.contains(one),
            (Self::Name(one), Self::Name(two)) => one == two,
            (Self::Range(range), Self::Name(_)) | (Self::Name(_), Self::Range(range)) => {
                range.prefix_len() == 0
            }
        }
    }
}

/// A range or a single address.
pub(crate) fn range(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
    text.parse().ok().or_else(address)
}

/// Whether two ports have one in common.
pub(crate) fn ports_meet(one: &Port, other: &Port) -> bool {
    let (Some(ours), Some(theirs)) = (one.protocol(), other.protocol()) else {
        return false;
    };
    let protocols = ours == theirs || ours == Protocol::Any || theirs == Protocol::Any;
    protocols
        && match (one.matches(), other.matches()) {
            (Some(PortMatch::All), Some(_)) | (Some(_), Some(PortMatch::All)) => true,
            (Some(PortMatch::Range(first, last)), Some(PortMatch::Range(start, end))) => {
                first <= end && start <= last
            }
            (Some(PortMatch::Named(one)), Some(PortMatch::Named(two))) => one == two,
            _ => false,
        }
}
