//! Who finds attackers and shuts them out.

use super::{Evidence, Verdict};
use crate::host::{FileSpot, files};

/// What keeps CrowdSec from its work.
const BLIND: [&str; 3] = ["bouncer-config", "bouncer-not-first", "crowdsec-unread"];

pub(super) fn crowdsec(evidence: Evidence<'_>) -> Verdict {
    let subject = evidence.subject;
    let any = |node: &str, part: fn(&str) -> bool| {
        let mut own = files(subject).filter(|file: &FileSpot<'_>| file.node() == Some(node));
        own.any(|file| part(file.file.path))
    };
    let reads = |path: &str| path.starts_with("/etc/crowdsec/acquis");
    let bans = |path: &str| path.ends_with("firewall-bouncer.yaml");
    let mut nodes = subject.cluster.nodes.keys();
    let without = nodes.find(|node| !any(node, reads) || !any(node, bans));
    match without {
        Some(node) => Verdict::fail(format!("`{node}` has no CrowdSec with a firewall bouncer")),
        None if subject.cluster.nodes.is_empty() => {
            Verdict::cannot_tell("no nodes are declared: `cscli bouncers list` on each shows it")
        }
        None => evidence.contradiction(&BLIND).unwrap_or_else(|| {
            Verdict::pass("every node has both; `cscli bouncers list` shows whether they talk")
        }),
    }
}

pub(super) fn detection(evidence: Evidence<'_>) -> Verdict {
    let verdict = crowdsec(evidence);
    if !verdict.holds() {
        return verdict;
    }
    evidence
        .contradiction(&["crowdsec-bans-vpn"])
        .unwrap_or_else(|| {
            Verdict::pass("logins on every node are watched, and attackers banned there")
        })
}
