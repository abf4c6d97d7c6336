//! What a chain accepts, and from whom.

use ipnet::IpNet;

use super::{Chain, Ruleset, Statement};
use crate::meet::range;

/// Chains that call one another are followed this far.
const DEPTH: usize = 8;

/// Something that is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opening {
    /// The line of the rule that accepts.
    pub(crate) line: usize,
    /// From whom.
    pub(crate) source: Source,
    protocol: Option<Protocol>,
    ports: Option<Vec<(u16, u16)>>,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Tcp,
    Udp,
}

/// Where packets come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    /// Through these interfaces; none for all.
    pub(crate) interfaces: Option<Vec<String>>,
    /// From these addresses.
    pub(crate) ranges: Ranges,
}

/// Addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ranges {
    /// All.
    Any,
    /// These.
    Known(Vec<IpNet>),
    /// Those of a set that something else fills, or all but some.
    Unknown,
}

impl Ruleset {
    /// What a chain accepts, by itself or through chains that it jumps to.
    pub(crate) fn openings(&self, chain: &Chain) -> Vec<Opening> {
        self.openings_within(chain, DEPTH)
    }

    fn openings_within(&self, chain: &Chain, depth: usize) -> Vec<Opening> {
        if depth == 0 {
            return Vec::new();
        }
        let rules = chain.rules.iter();
        rules
            .flat_map(|rule| {
                let Some(own) = self.condition(rule, &chain.table) else {
                    return Vec::new();
                };
                if rule.says(&["accept"]) {
                    return vec![own];
                }
                let target = rule.behind(&["jump"]).or_else(|| rule.behind(&["goto"]));
                let target = target.and_then(<[String]>::first);
                let mut chains = self.chains.iter();
                let target =
                    chains.find(|other| other.table == chain.table && Some(&other.name) == target);
                let inner = target.map(|target| self.openings_within(target, depth - 1));
                let inner = inner.into_iter().flatten();
                inner.map(|inner| inner.under(&own)).collect()
            })
            .collect()
    }

    /// Whom and what a rule is about; none where it is about packets of no new
    /// connection to a port.
    fn condition(&self, rule: &Statement, table: &str) -> Option<Opening> {
        let stateful = rule.says(&["ct", "state"]) && !rule.says(&["new"]);
        let interfaces = interfaces(rule);
        // What the node sends itself comes from nobody else.
        let own = interfaces.as_ref().is_some_and(|names| names == &["lo"]);
        let other = ["icmp", "icmpv6", "mark", "igmp", "esp"];
        if stateful || own || other.iter().any(|word| rule.says(&[word])) {
            return None;
        }
        let (protocol, ports) = destination(rule);
        Some(Opening {
            line: rule.line,
            source: Source {
                interfaces,
                ranges: self.senders(rule, table),
            },
            protocol,
            ports,
        })
    }

    fn senders(&self, rule: &Statement, table: &str) -> Ranges {
        let Some(values) = values(rule, &["saddr"]) else {
            return Ranges::Any;
        };
        let mut found = Vec::new();
        for value in values {
            if let Some(name) = value.strip_prefix('@') {
                let key = (table.to_owned(), name.to_owned());
                match self.sets.get(&key) {
                    Some(elements) => found.extend(elements),
                    None => return Ranges::Unknown,
                }
            } else if let Some(range) = range(value) {
                found.push(range);
            } else {
                return Ranges::Unknown;
            }
        }
        Ranges::Known(found)
    }
}

/// The values of a match: one, or those of a set.
fn values<'r>(rule: &'r Statement, field: &[&str]) -> Option<Vec<&'r str>> {
    let behind = rule.behind(field)?;
    let words = behind.iter().map(String::as_str);
    match behind.first().map(String::as_str) {
        Some("{") => Some(words.skip(1).take_while(|word| *word != "}").collect()),
        _ => Some(words.take(1).collect()),
    }
}

fn interfaces(rule: &Statement) -> Option<Vec<String>> {
    let found = values(rule, &["iifname"]).or_else(|| values(rule, &["iif"]))?;
    Some(found.into_iter().map(str::to_owned).collect())
}

fn destination(rule: &Statement) -> (Option<Protocol>, Option<Vec<(u16, u16)>>) {
    let by_name = [("tcp", Protocol::Tcp), ("udp", Protocol::Udp)];
    for (name, protocol) in by_name {
        if let Some(values) = values(rule, &[name, "dport"]) {
            return (Some(protocol), Some(ports(&values)));
        }
    }
    let protocol = by_name
        .into_iter()
        .find(|(name, _)| rule.says(&[name]))
        .map(|(_, protocol)| protocol);
    let listed = values(rule, &["th", "dport"]);
    (protocol, listed.map(|values| ports(&values)))
}

fn ports(values: &[&str]) -> Vec<(u16, u16)> {
    let number = |text: &str| match text {
        "ssh" => Some(22),
        "http" => Some(80),
        "https" => Some(443),
        text => text.parse().ok(),
    };
    let values = values.iter();
    values
        .filter_map(|value| match value.split_once('-') {
            Some((first, last)) => Some((number(first)?, number(last)?)),
            None => number(value).map(|port| (port, port)),
        })
        .collect()
}

impl Opening {
    /// Whether it is one for a port.
    pub(crate) fn covers(&self, protocol: Protocol, port: u16) -> bool {
        let ports = self.ports.as_ref();
        self.protocol.is_none_or(|own| own == protocol)
            && ports.is_none_or(|ports| {
                let mut ports = ports.iter();
                ports.any(|(first, last)| (*first..=*last).contains(&port))
            })
    }

    /// The same where only some packets come this far.
    fn under(self, outer: &Self) -> Self {
        let ranges = match (self.source.ranges, &outer.source.ranges) {
            (Ranges::Any, outer) => outer.clone(),
            (inner, _) => inner,
        };
        Self {
            line: self.line,
            source: Source {
                interfaces: self.source.interfaces.or(outer.source.interfaces.clone()),
                ranges,
            },
            protocol: self.protocol.or(outer.protocol),
            ports: self.ports.or(outer.ports.clone()),
        }
    }
}

impl Source {
    /// Whether anybody at all is let in.
    pub(crate) fn is_world(&self) -> bool {
        self.interfaces.is_none()
            && match &self.ranges {
                Ranges::Any => true,
                Ranges::Known(ranges) => ranges.iter().any(|range| range.prefix_len() == 0),
                Ranges::Unknown => false,
            }
    }

    /// Whether all addresses of a range are let in, through whatever interface.
    pub(crate) fn comes_from(&self, range: IpNet) -> bool {
        match &self.ranges {
            Ranges::Any | Ranges::Unknown => true,
            Ranges::Known(ranges) => ranges.iter().any(|known| known.contains(&range)),
        }
    }

    /// Whether an interface is among its own; all are where it names none.
    pub(crate) fn through(&self, interface: &str) -> bool {
        let Some(names) = &self.interfaces else {
            return true;
        };
        names.iter().any(|name| match name.strip_suffix('*') {
            Some(prefix) => interface.starts_with(prefix),
            None => name == interface,
        })
    }
}
