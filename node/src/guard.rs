//! Keeps a firewall back that could lock everybody out.
//!
//! A ruleset that drops what it does not know, and lets SSH in through a tunnel
//! alone, is put in place only after somebody was heard through a tunnel. Until
//! then the rest is applied, WireGuard with it, and the next apply looks again.

use serde::Serialize;

use crate::command::Command;
use crate::compare::Pending;
use crate::format::{Format, iptables, nftables};
use crate::host::Host;
use crate::manifest::Step;
use crate::path::HostPath;
use crate::source::Source;

/// A file that was kept back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The file.
    pub path: HostPath,
    /// Why.
    pub reason: &'static str,
}

const REASON: &str = "it would drop everything but what comes through a tunnel, and nobody was heard \
through one yet: connect once and apply again, or let SSH in from some network";

/// Takes the firewall out of what is pending, where it is not safe yet.
pub(crate) fn hold(host: &mut Host<'_>, source: &Source, pending: &mut Vec<Pending>) -> Vec<Held> {
    let may_lock_out = pending.iter().any(|pending| {
        let format = Format::of(&pending.change.path);
        let text = pending.new.as_deref().map(String::from_utf8_lossy);
        text.is_some_and(|text| locks_out(format, &text))
    });
    if !may_lock_out || !host.is_live || is_anybody_heard(host) {
        return Vec::new();
    }
    let is_firewall = |path: &HostPath| {
        let file = source.files.iter().find(|file| file.path == *path);
        file.is_some_and(|file| match file.format {
            Format::Nftables | Format::Iptables => true,
            // What loads it at every boot.
            Format::SystemdUnit => file.activation.iter().any(enables_firewall),
            _ => false,
        })
    };
    let mut held = Vec::new();
    pending.retain(|pending| {
        let is_held = is_firewall(&pending.change.path);
        if is_held {
            held.push(Held {
                path: pending.change.path.clone(),
                reason: REASON,
            });
        }
        !is_held
    });
    held
}

fn locks_out(format: Option<Format>, text: &str) -> bool {
    let stance = match format {
        Some(Format::Nftables) => nftables::stance(text),
        Some(Format::Iptables) => iptables::stance(text),
        _ => return false,
    };
    stance.drops && !stance.has_open_ssh
}

fn enables_firewall(step: &Step) -> bool {
    matches!(step, Step::Enable(unit) if unit.is_firewall())
}

/// Whether any peer of any interface was heard; not known counts as not.
fn is_anybody_heard(host: &mut Host<'_>) -> bool {
    let Ok(output) = host.run(&Command::LatestHandshakes) else {
        return false;
    };
    String::from_utf8_lossy(&output)
        .lines()
        .filter_map(|line| line.rsplit('\t').next())
        .any(|seconds| {
            seconds
                .trim()
                .parse::<u64>()
                .is_ok_and(|seconds| seconds > 0)
        })
}
