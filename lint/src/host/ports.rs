//! Ports that plugins ask the nodes' firewall to open.

use serde::Deserialize;
use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{HostPort, HostPortSource};
use ztgit_plugin::{FactScope, StandardFact};

use crate::subject::Subject;

/// A request for an open port.
pub(crate) struct Asked<'s> {
    /// The plugin that asks.
    pub(crate) provider: &'s str,
    /// The nodes.
    pub(crate) scope: &'s FactScope,
    /// For what.
    pub(crate) port: HostPort,
}

/// Every request.
pub(crate) fn asked<'s>(subject: &'s Subject<'s>) -> impl Iterator<Item = Asked<'s>> {
    let facts = subject.facts.iter();
    let ports = facts.filter(|stated| stated.fact.kind == HostPort::KIND);
    ports.filter_map(|stated| {
        Some(Asked {
            provider: &stated.provider,
            scope: &stated.fact.scope,
            port: HostPort::deserialize(&stated.fact.value).ok()?,
        })
    })
}

impl Asked<'_> {
    /// Whether it is about a port.
    pub(crate) fn covers(&self, protocol: Protocol, port: u16) -> bool {
        let last = self.port.end_port.unwrap_or(self.port.port);
        self.port.protocol == protocol && (self.port.port..=last).contains(&port)
    }

    /// Whether anybody at all is to be let in.
    pub(crate) fn is_for_world(&self) -> bool {
        match &self.port.from {
            HostPortSource::World => true,
            HostPortSource::Ranges { ranges, interface } => {
                let mut ranges = ranges.iter();
                interface.is_none() && ranges.any(|range| range.net().prefix_len() == 0)
            }
            HostPortSource::Nodes | HostPortSource::Pods => false,
        }
    }
}
