//! Whom rules let through.

pub(super) mod dead_range;
pub(super) mod default_service_account;
pub(super) mod no_peer;
pub(super) mod one_family;
pub(super) mod service_port;
pub(super) mod wide_entity;
pub(super) mod wide_range;

use ipnet::IpNet;
use ztgit_policy::model::{Peer, PeerSelector};

use crate::meet;
use crate::spot::{self, Spot};
use crate::subject::Subject;

/// Every range of any rule.
fn ranges<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = (Spot<'s>, &'s Peer, IpNet)> {
    spot::peers(subject).filter_map(|(spot, peer)| {
        let text = match &peer.selector {
            PeerSelector::Cidr(text) => text,
            PeerSelector::CidrRule(rule) => rule.cidr.as_ref()?,
            _ => return None,
        };
        Some((spot, peer, meet::range(text)?))
    })
}
