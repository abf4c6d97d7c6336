//! A node's firewall for `iptables-restore`: the same rules as for `nft`, one
//! file for each family.
//!
//! The table is everybody's, so the rules are in chains of our own, and what
//! nothing drops there goes on to the other chains. The loader hooks them in.

mod forward;
mod input;

use std::fmt;

use crate::address_set::{AddressSet, Family};
use crate::config::Log;
use crate::firewall::{CILIUM_INTERFACES, END_MARK, Firewall, PodsBy};

const INPUT: &str = "ZTGIT-INPUT";
const FORWARD: &str = "ZTGIT-FORWARD";

/// The rules of one node for one family as text.
pub(crate) struct Rules<'a> {
    /// What holds there.
    pub(crate) firewall: &'a Firewall<'a>,
    /// For which addresses.
    pub(crate) family: Family,
}

/// One end of a packet, as two ways to match it.
struct End {
    interface: &'static str,
    address: &'static str,
}

const SENDER: End = End {
    interface: "-i",
    address: "-s",
};
const RECEIVER: End = End {
    interface: "-o",
    address: "-d",
};

impl fmt::Display for Rules<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Firewall { cluster, node, .. } = self.firewall;
        let version = self.family.suffix();
        write!(
            f,
            "\
# The firewall of node {node}, cluster {cluster}, IPv{version}. Rendered by ztgit: change the stack.
#
# One transaction, loaded with --noflush: it empties and fills its own chains,
# and others, such as Cilium's, stay as they are. RETURN leaves them their say.
*filter
:{INPUT} - [0:0]
:{FORWARD} - [0:0]
"
        )?;
        self.write_input(f)?;
        self.write_forward(f)?;
        writeln!(f, "COMMIT\n{END_MARK}")
    }
}

impl Rules<'_> {
    /// The matches for pods at one end: several interfaces are several rules.
    fn pods_at(&self, end: &End) -> Vec<String> {
        let pods = &self.firewall.pods;
        match self.firewall.pods_by {
            _ if !pods.has(self.family) => Vec::new(),
            PodsBy::CiliumInterface => CILIUM_INTERFACES
                .map(|name| format!("{} {name}+", end.interface))
                .to_vec(),
            PodsBy::Address => self.addresses(pods, end),
        }
    }

    fn addresses(&self, set: &AddressSet, end: &End) -> Vec<String> {
        set.of(self.family)
            .map(|range| format!("{} {range}", end.address))
            .collect()
    }

    /// The end of a chain.
    fn write_tail(&self, f: &mut fmt::Formatter<'_>, chain: &str, hook: &str) -> fmt::Result {
        let Log {
            prefix,
            per_minute,
            burst,
        } = self.firewall.log;
        if *per_minute > 0 {
            writeln!(
                f,
                "-A {chain} -m limit --limit {per_minute}/minute --limit-burst {burst} \
                 -j LOG --log-level info --log-prefix \"{prefix}-{hook} \""
            )?;
        }
        writeln!(f, "-A {chain} -j DROP")
    }
}

/// Everything of the one list with everything of the other.
fn combined(left: &[String], right: &[String]) -> Vec<String> {
    let pairs = left
        .iter()
        .flat_map(|left| right.iter().map(move |right| format!("{left} {right}")));
    pairs.collect()
}
