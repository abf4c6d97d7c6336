//! What an entry concerns: ports, and requests inside, ready to be asked.

use super::requests::Requests;
use super::{Endpoint, Question};
use crate::model::{Entry, IcmpField, PortMatch, PortRule, Protocol};

/// One port of one protocol with what may be sent there.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    pub(super) port: PortKey,
    pub(super) requests: Requests,
}

/// The ports that the agent merges rules by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct PortKey {
    protocol: AboveIp,
    ports: PortMatch,
    /// `endPort` as it is written: a range that is none is merged with itself only.
    written_end: Option<i64>,
}

/// Every protocol, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum AboveIp {
    Everything,
    One(Protocol),
}

/// What an entry covers. Without `toPorts` and `icmps` that is everything, above any
/// protocol; `ANY` in a port means the three protocols that have ports.
pub(super) fn of(entry: &Entry) -> Vec<Clause> {
    if !entry.names_ports() {
        return vec![Clause {
            port: PortKey {
                protocol: AboveIp::Everything,
                ports: PortMatch::All,
                written_end: None,
            },
            requests: Requests::any(),
        }];
    }
    let ports = entry.ports.iter().flat_map(of_ports);
    let icmps = entry.icmps.iter().flat_map(|(_, fields)| fields);
    ports.chain(icmps.filter_map(of_icmp)).collect()
}

fn of_ports(rule: &PortRule) -> Vec<Clause> {
    let mut clauses = Vec::new();
    for port in &rule.ports {
        let (Some(ports), Some(written)) = (port.matches(), port.protocol()) else {
            continue;
        };
        let protocols = match written {
            Protocol::Any => vec![Protocol::Tcp, Protocol::Udp, Protocol::Sctp],
            one => vec![one],
        };
        clauses.extend(protocols.into_iter().map(|protocol| Clause {
            port: PortKey {
                protocol: AboveIp::One(protocol),
                written_end: match ports {
                    PortMatch::Named(_) => None,
                    _ => port.end_port.filter(|end| *end != 0),
                },
                ports: ports.clone(),
            },
            requests: Requests::of(rule, protocol),
        }));
    }
    clauses
}

/// The agent writes a type where a port would be, and port 0 means every port: a rule
/// for type 0 (`EchoReply` of IPv4) covers every type.
fn of_icmp(field: &IcmpField) -> Option<Clause> {
    let number = u16::from(field.number()?);
    Some(Clause {
        port: PortKey {
            protocol: AboveIp::One(field.protocol()?),
            ports: match number {
                0 => PortMatch::All,
                number => PortMatch::Range(number, number),
            },
            written_end: None,
        },
        requests: Requests::any(),
    })
}

impl PortKey {
    /// Whether a connection to a port of `answering` is covered.
    pub(super) fn covers(&self, question: &Question<'_>, answering: &Endpoint) -> bool {
        let protocol = match self.protocol {
            AboveIp::Everything => true,
            AboveIp::One(protocol) => protocol == question.protocol,
        };
        protocol
            && match &self.ports {
                PortMatch::All => true,
                PortMatch::Range(first, last) => (*first..=*last).contains(&question.port),
                PortMatch::Named(name) => {
                    let key = (name.clone(), question.protocol);
                    answering.named_ports.get(&key) == Some(&question.port)
                }
            }
    }
}
