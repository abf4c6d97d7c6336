//! Where a cluster stands: a checklist of what a zero-trust setup has, and the
//! layers of its defence.
//!
//! Enters: a subject with what the rules found in it. Leaves: for each line whether
//! it holds, why, and for what only a running cluster can tell, the command that
//! tells it. A finding counts here also where the stack accepts it.

mod cluster;
mod gateway;
mod intrusion;
mod nodes;
mod policy;
mod vpn;

use std::fmt;

use crate::finding::Finding;
use crate::subject::Subject;

/// A line of the posture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where the line belongs.
    pub group: Group,
    /// What is asked.
    pub name: &'static str,
    /// Whether it holds.
    pub state: State,
    /// Why, in one line; a command where the state cannot be told.
    pub why: String,
}

/// A part of the posture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// What has to be done.
    Checklist,
    /// What stands between an attacker and the workloads, each by itself.
    Layers,
}

/// Whether a line holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// What is rendered makes it hold.
    Pass,
    /// It does not hold.
    Fail,
    /// Only what runs can tell.
    CannotTell,
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Checklist => "checklist",
            Self::Layers => "layers",
        })
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::CannotTell => "?",
        })
    }
}

/// A state with its reason.
struct Verdict {
    state: State,
    why: String,
}

/// What lines are decided from.
#[derive(Clone, Copy)]
struct Evidence<'s> {
    subject: &'s Subject<'s>,
    findings: &'s [Finding],
}

type Line = (Group, &'static str, fn(Evidence<'_>) -> Verdict);

const LINES: [Line; 20] = [
    (
        Group::Checklist,
        "k3s without a network of its own",
        cluster::own_network,
    ),
    (
        Group::Checklist,
        "Cilium in place of kube-proxy",
        cluster::kube_proxy,
    ),
    (
        Group::Checklist,
        "encryption between nodes",
        cluster::encryption,
    ),
    (
        Group::Checklist,
        "default deny in the whole cluster",
        policy::default_deny,
    ),
    (Group::Checklist, "DNS for every pod", policy::dns),
    (Group::Checklist, "a VPN with a device", vpn::tunnel),
    (Group::Checklist, "kubectl over the VPN", vpn::kubectl),
    (
        Group::Checklist,
        "the API server for VPN, nodes and pods alone",
        vpn::api_server,
    ),
    (Group::Checklist, "Hubble with its relay", cluster::hubble),
    (
        Group::Checklist,
        "Gateway API and cert-manager",
        gateway::installation,
    ),
    (
        Group::Checklist,
        "a certificate for every host",
        gateway::certificates,
    ),
    (
        Group::Checklist,
        "CrowdSec with a bouncer on every node",
        intrusion::crowdsec,
    ),
    (Group::Layers, "host firewall", nodes::firewall),
    (Group::Layers, "network policy", policy::default_deny),
    (
        Group::Layers,
        "encryption between nodes",
        cluster::encryption,
    ),
    (Group::Layers, "TLS at the Gateway", gateway::tls),
    (Group::Layers, "DNS by name", policy::names),
    (Group::Layers, "intrusion detection", intrusion::detection),
    (
        Group::Layers,
        "administration over the VPN",
        vpn::administration,
    ),
    (Group::Layers, "admission", policy::admission),
];

/// Every line, in a fixed order.
pub fn posture(subject: &Subject<'_>, findings: &[Finding]) -> Vec<Item> {
    let evidence = Evidence { subject, findings };
    LINES
        .into_iter()
        .map(|(group, name, decide)| {
            let Verdict { state, why } = decide(evidence);
            Item {
                group,
                name,
                state,
                why,
            }
        })
        .collect()
}

impl Verdict {
    fn pass(why: impl Into<String>) -> Self {
        Self {
            state: State::Pass,
            why: why.into(),
        }
    }

    fn fail(why: impl Into<String>) -> Self {
        Self {
            state: State::Fail,
            why: why.into(),
        }
    }

    fn cannot_tell(why: impl Into<String>) -> Self {
        Self {
            state: State::CannotTell,
            why: why.into(),
        }
    }

    fn holds(&self) -> bool {
        self.state == State::Pass
    }
}

impl Evidence<'_> {
    /// A failure, where a rule of these codes found anything above an
    /// information.
    fn contradiction(self, codes: &[&str]) -> Option<Verdict> {
        let mut findings = self.findings.iter();
        let found = findings.find(|finding| {
            finding.severity != ztgit_plugin::Severity::Info
                && finding.accepted.is_none()
                && codes.contains(&finding.code)
        })?;
        Some(Verdict::fail(format!("{} ({})", found.message, found.code)))
    }
}

#[cfg(test)]
mod tests;
