//! The firewalls of nodes: files that nft loads.

use super::nftables::{Chain, Opening, Ruleset};
use super::{FileSpot, file, files, is_of_type};
use crate::finding::Found;
use crate::subject::Subject;

/// A file that nft loads, as it is read.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The file's index in the subject.
    file: usize,
    ruleset: Ruleset,
    /// What its chains let in to the node.
    openings: Vec<Opening>,
}

/// The ruleset of a file.
#[derive(Clone, Copy)]
pub(crate) struct Firewall<'s> {
    /// The node.
    pub(crate) node: &'s str,
    /// The file.
    pub(crate) file: FileSpot<'s>,
    /// What is in it.
    pub(crate) ruleset: &'s Ruleset,
    /// What is let in to the node.
    pub(crate) openings: &'s [Opening],
}

/// Every file of a node that nft loads.
pub(crate) fn firewalls<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Firewall<'s>> {
    subject.rulesets().iter().filter_map(|loaded| {
        let file = file(subject, loaded.file);
        Some(Firewall {
            node: file.node()?,
            file,
            ruleset: &loaded.ruleset,
            openings: &loaded.openings,
        })
    })
}

impl Loaded {
    /// Every such file.
    pub(crate) fn all(subject: &Subject<'_>) -> Vec<Self> {
        let rulesets = files(subject).filter(|file| is_ruleset(*file));
        rulesets
            .map(|file| {
                let ruleset = Ruleset::read(file.text());
                let closed = ruleset.closed("input");
                Self {
                    file: file.index,
                    openings: closed.flat_map(|chain| ruleset.openings(chain)).collect(),
                    ruleset,
                }
            })
            .collect()
    }
}

/// Whether nft is to load a file.
fn is_ruleset(file: FileSpot<'_>) -> bool {
    let path = file.file.path;
    is_of_type(path, "nft") || path == "/etc/nftables.conf" || path.starts_with("/etc/nftables.d/")
}

impl<'s> Firewall<'s> {
    /// The chains that drop what comes to the node and is not accepted.
    pub(crate) fn closed(&self) -> impl Iterator<Item = &'s Chain> {
        self.ruleset.closed("input")
    }

    /// Whether it drops anything by default that comes to the node.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed().next().is_some()
    }

    /// A finding at a chain.
    pub(crate) fn at(&self, chain: &Chain, message: String, hint: &str) -> Found {
        self.file.finding(chain.line, message, hint)
    }
}
