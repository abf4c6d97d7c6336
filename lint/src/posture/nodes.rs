//! The nodes' firewall.

use std::collections::BTreeSet;

use super::{Evidence, Verdict};
use crate::host::files;
use crate::host::firewall::{Firewall, firewalls};

/// What gets past a firewall, or takes it away.
const HOLES: [&str; 4] = [
    "default-drop",
    "exposed-service",
    "host-port-open",
    "ruleset-flushed",
];

pub(super) fn firewall(evidence: Evidence<'_>) -> Verdict {
    let subject = evidence.subject;
    let closed: BTreeSet<&str> = firewalls(subject)
        .filter(Firewall::is_closed)
        .map(|firewall| firewall.node)
        .collect();
    let mut nodes = subject.cluster.nodes.keys().peekable();
    if nodes.peek().is_none() {
        return Verdict::cannot_tell("no nodes are declared: `nft list ruleset` on each shows it");
    }
    let by_iptables =
        || files(subject).any(|file| file.text().lines().any(|line| line == "*filter"));
    match nodes.find(|node| !closed.contains(node.as_str())) {
        Some(_) if by_iptables() => {
            Verdict::cannot_tell("rules for iptables are not read here: `iptables -S` shows them")
        }
        Some(node) => Verdict::fail(format!(
            "no ruleset of `{node}` is rendered that drops by default"
        )),
        None => evidence
            .contradiction(&HOLES)
            .unwrap_or_else(|| Verdict::pass("every node drops what nothing asked to open")),
    }
}
