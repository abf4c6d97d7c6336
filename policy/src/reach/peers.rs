//! Whom an entry concerns, ready to be asked.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Endpoint, Role};
use crate::model::{
    CidrRule, Entry, Matcher, Peer, PeerSelector, Policy, Rule, Scope, Source, peer_matchers,
};
use crate::pattern::{self, Pattern};

/// Whom an entry concerns.
#[derive(Clone, Debug)]
pub(super) enum Peers {
    Everybody,
    /// Any of these; nobody where there are none.
    These(Vec<Selected>),
}

/// One selector of peers, with the text that the agent tells it by: rules for equal
/// selectors are merged.
#[derive(Clone, Debug)]
pub(super) struct Selected {
    pub(super) key: String,
    how: How,
}

#[derive(Clone, Debug)]
enum How {
    Labels(Matcher),
    Range {
        net: IpNet,
        except: Vec<IpNet>,
    },
    Name(Pattern),
    /// Whatever it selects is not known here.
    Nobody,
}

/// The key of the selector that everybody matches.
pub(super) const EVERYBODY: &str = "everybody";

impl Peers {
    pub(super) fn of(policy: &Policy, rule: &Rule, entry: &Entry) -> Self {
        match entry.scope() {
            Scope::Everybody => Self::Everybody,
            Scope::Nobody => Self::These(Vec::new()),
            Scope::Peers(peers) => {
                let selected = peers
                    .into_iter()
                    .flat_map(|peer| select(policy, rule, peer));
                Self::These(selected.collect())
            }
        }
    }

    /// The keys of the selectors that an endpoint matches.
    pub(super) fn matching<'a>(&'a self, endpoint: &'a Endpoint) -> impl Iterator<Item = &'a str> {
        let (everybody, these) = match self {
            Self::Everybody => (Some(EVERYBODY), &[][..]),
            Self::These(these) => (None, these.as_slice()),
        };
        let matching = these.iter().filter(|selected| selected.matches(endpoint));
        everybody
            .into_iter()
            .chain(matching.map(|selected| selected.key.as_str()))
    }

    /// The keys of all selectors.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let (everybody, these) = match self {
            Self::Everybody => (Some(EVERYBODY), &[][..]),
            Self::These(these) => (None, these.as_slice()),
        };
        everybody
            .into_iter()
            .chain(these.iter().map(|selected| selected.key.as_str()))
    }
}

impl Selected {
    fn matches(&self, endpoint: &Endpoint) -> bool {
        match &self.how {
            How::Labels(matcher) => matcher.matches(&endpoint.labels),
            How::Range { net, except } => {
                endpoint.role == Role::World
                    && endpoint.address.is_some_and(|address| {
                        net.contains(&address) && !except.iter().any(|net| net.contains(&address))
                    })
            }
            How::Name(pattern) => endpoint.names.iter().any(|name| pattern.matches(name)),
            How::Nobody => false,
        }
    }
}

fn select(policy: &Policy, rule: &Rule, peer: &Peer) -> Vec<Selected> {
    match &peer.selector {
        PeerSelector::Cidr(text) => range(text, &[]).into_iter().collect(),
        PeerSelector::CidrRule(rule) => vec![cidr_rule(rule)],
        PeerSelector::Fqdn { name, pattern } => fqdn(name.as_deref(), pattern.as_deref()),
        PeerSelector::Group | PeerSelector::Service { .. } => {
            vec![nobody(format!("{:?}", peer.pointer))]
        }
        _ => peer_matchers(policy, rule, peer)
            .into_iter()
            .map(|matcher| Selected {
                key: if matcher.is_everything() {
                    EVERYBODY.to_owned()
                } else {
                    format!("{} {matcher:?}", written(&peer.selector))
                },
                how: How::Labels(matcher),
            })
            .collect(),
    }
}

/// Selectors that mean the same but are written otherwise are not equal to the agent.
fn written(selector: &PeerSelector) -> String {
    let selectors = match selector {
        PeerSelector::Endpoints(one) | PeerSelector::Nodes(one) => vec![one],
        PeerSelector::Pods { pods, namespaces } => pods.iter().chain(namespaces).collect(),
        _ => Vec::new(),
    };
    let expressions = selectors.iter().flat_map(|one| &one.match_expressions);
    let expressions: Vec<_> = expressions
        .map(|one| (&one.key, &one.operator, &one.values))
        .collect();
    format!("{expressions:?}")
}

fn cidr_rule(rule: &CidrRule) -> Selected {
    let except: Vec<_> = rule.except.iter().map(|(_, text)| text.as_str()).collect();
    let selected = rule.cidr.as_deref().and_then(|text| range(text, &except));
    selected.unwrap_or_else(|| {
        let (group, selector) = (&rule.group, &rule.group_selector);
        let selector = selector.as_ref().map(|one| Matcher::of(one, &Source::Any));
        nobody(format!("{group:?} {selector:?} {except:?}"))
    })
}

fn nobody(key: String) -> Selected {
    Selected {
        key,
        how: How::Nobody,
    }
}

fn range(text: &str, except: &[&str]) -> Option<Selected> {
    let parse = |text: &str| {
        let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
        text.parse().ok().or_else(address)
    };
    let except: Vec<IpNet> = except.iter().filter_map(|text| parse(text)).collect();
    Some(Selected {
        key: format!("cidr {text} {except:?}"),
        how: How::Range {
            net: parse(text)?,
            except,
        },
    })
}

fn fqdn(name: Option<&str>, wildcard: Option<&str>) -> Vec<Selected> {
    let written = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    let pattern = match (name, wildcard) {
        (Some(name), _) if written(Some(name)) => pattern::dns_name(name),
        (_, Some(wildcard)) if written(Some(wildcard)) => pattern::dns_pattern(wildcard),
        _ => return Vec::new(),
    };
    let selected = pattern.ok().map(|pattern| Selected {
        key: format!("fqdn {name:?} {wildcard:?}"),
        how: How::Name(pattern),
    });
    selected.into_iter().collect()
}
