//! The firewalls of nodes: files that nft loads.

use super::nftables::{Chain, Opening, Ruleset};
use super::{FileSpot, files, is_of_type};
use crate::finding::Found;
use crate::subject::Subject;

/// The ruleset of a file.
pub(crate) struct Firewall<'s> {
    /// The node.
    pub(crate) node: &'s str,
    /// The file.
    pub(crate) file: FileSpot<'s>,
    /// What is in it.
    pub(crate) ruleset: Ruleset,
}

/// Every file of a node that nft loads.
pub(crate) fn firewalls<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Firewall<'s>> {
    files(subject).filter_map(|file| {
        let node = file.node()?;
        is_ruleset(file).then(|| Firewall {
            node,
            file,
            ruleset: Ruleset::read(file.text()),
        })
    })
}

/// Whether nft is to load a file.
pub(crate) fn is_ruleset(file: FileSpot<'_>) -> bool {
    let path = file.file.path;
    is_of_type(path, "nft") || path == "/etc/nftables.conf" || path.starts_with("/etc/nftables.d/")
}

impl Firewall<'_> {
    /// The chains that drop what comes to the node and is not accepted.
    pub(crate) fn closed(&self) -> impl Iterator<Item = &Chain> {
        self.ruleset.closed("input")
    }

    /// Whether it drops anything by default that comes to the node.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed().next().is_some()
    }

    /// What is let in to the node.
    pub(crate) fn openings(&self) -> Vec<Opening> {
        let chains = self.closed();
        chains
            .flat_map(|chain| self.ruleset.openings(chain))
            .collect()
    }

    /// A finding at a chain.
    pub(crate) fn at(&self, chain: &Chain, message: String, hint: &str) -> Found {
        self.file.finding(chain.line, message, hint)
    }
}
