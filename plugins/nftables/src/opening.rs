//! Who may reach which port of a node: the `host-port` facts, checked.

use std::collections::BTreeSet;

use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{HostPort, HostPortSource, Stated};
use ztgit_plugin::{Diagnostic, FactScope, Facts};

use crate::address_set::AddressSet;
use crate::comment::Comment;
use crate::config::Config;
use crate::interface::Interface;

/// The port of SSH.
pub(crate) const SSH: u16 = 22;

/// One hole in a node's firewall. Openings sort by who comes in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Opening {
    /// Who may come in.
    pub(crate) source: Source,
    /// By which protocol.
    pub(crate) protocol: Protocol,
    /// To which ports.
    pub(crate) ports: Ports,
    /// On whose behalf.
    pub(crate) comment: Comment,
}

/// Who may come in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// Anybody.
    World,
    /// The cluster's nodes.
    Nodes,
    /// The cluster's pods.
    Pods,
    /// Whoever administers the nodes, in an emergency.
    Admins,
    /// These addresses.
    Ranges {
        /// Only through this interface.
        interface: Option<Interface>,
        /// Their addresses.
        ranges: AddressSet,
    },
}

/// One port or several in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ports {
    /// The first.
    pub(crate) first: u16,
    /// The last, which may be the first.
    pub(crate) last: u16,
}

/// What all facts of a cluster open, each on the nodes that it concerns.
#[derive(Debug, Default)]
pub(crate) struct Openings(Vec<Scoped>);

/// An opening with where it is.
#[derive(Debug)]
struct Scoped {
    /// The nodes that have it.
    scope: FactScope,
    /// The opening.
    opening: Opening,
}

impl Openings {
    /// All well-formed facts, and break-glass SSH as the config has it.
    pub(crate) fn gather(config: &Config, facts: &Facts, findings: &mut Vec<Diagnostic>) -> Self {
        let mut openings = Vec::new();
        for stated in facts.of::<HostPort>() {
            match Opening::from_fact(&stated) {
                Ok(opening) => {
                    let scope = stated.scope.clone();
                    openings.push(Scoped { scope, opening });
                }
                Err(finding) => findings.push(finding.at_fact(stated.index)),
            }
        }
        if !config.ssh.break_glass.is_empty() {
            let opening = Opening::break_glass();
            let scope = FactScope::Cluster;
            openings.push(Scoped { scope, opening });
        }
        Self(openings)
    }

    /// Those of one node, sorted, none twice.
    pub(crate) fn on(&self, node: &str) -> BTreeSet<&Opening> {
        let here = self.0.iter().filter(|scoped| scoped.scope.covers(node));
        here.map(|scoped| &scoped.opening).collect()
    }
}

impl Opening {
    fn from_fact(stated: &Stated<'_, HostPort>) -> Result<Self, Diagnostic> {
        let HostPort {
            protocol,
            port,
            end_port,
            from,
            purpose,
        } = &stated.value;
        let provider = stated.provider;
        let ports = Ports::new(*port, end_port.unwrap_or(*port)).ok_or_else(|| {
            let range = end_port.map_or(port.to_string(), |end| format!("{port}-{end}"));
            Diagnostic::error(
                "host-port",
                format!("{range}, which `{provider}` asks for, is no port"),
            )
            .hint(format!(
                "report this to the authors of the plugin `{provider}`"
            ))
        })?;
        let source = Source::from_fact(from, provider)?;
        Ok(Self {
            source,
            protocol: *protocol,
            ports,
            comment: Comment::new(provider, purpose),
        })
    }

    fn break_glass() -> Self {
        Self {
            source: Source::Admins,
            protocol: Protocol::Tcp,
            ports: Ports {
                first: SSH,
                last: SSH,
            },
            comment: Comment::new("nftables", "SSH when the VPN is down"),
        }
    }

    /// Whether it is a hole for that port.
    pub(crate) fn covers(&self, protocol: Protocol, port: u16) -> bool {
        self.protocol == protocol && (self.ports.first..=self.ports.last).contains(&port)
    }
}

impl Source {
    fn from_fact(from: &HostPortSource, provider: &str) -> Result<Self, Diagnostic> {
        Ok(match from {
            HostPortSource::World => Self::World,
            HostPortSource::Nodes => Self::Nodes,
            HostPortSource::Pods => Self::Pods,
            HostPortSource::Ranges { ranges, interface } => Self::Ranges {
                interface: interface
                    .as_deref()
                    .map(|name| interface_of(name, provider))
                    .transpose()?,
                ranges: ranges.iter().copied().collect(),
            },
        })
    }

    /// The interface that it is bound to.
    pub(crate) fn interface(&self) -> Option<&Interface> {
        match self {
            Self::Ranges { interface, .. } => interface.as_ref(),
            Self::World | Self::Nodes | Self::Pods | Self::Admins => None,
        }
    }
}

/// Reads an interface's name out of a fact.
pub(crate) fn interface_of(name: &str, provider: &str) -> Result<Interface, Diagnostic> {
    Interface::parse(name).ok_or_else(|| {
        Diagnostic::error(
            "interface",
            format!(
                "`{}`, which `{provider}` names, is no network interface",
                name.escape_debug()
            ),
        )
        .hint(format!(
            "report this to the authors of the plugin `{provider}`"
        ))
    })
}

impl Ports {
    fn new(first: u16, last: u16) -> Option<Self> {
        (0 < first && first <= last).then_some(Self { first, last })
    }

    /// In text, with what stands between the first and the last.
    pub(crate) fn text(self, to: char) -> String {
        let Self { first, last } = self;
        if first == last {
            first.to_string()
        } else {
            format!("{first}{to}{last}")
        }
    }
}
