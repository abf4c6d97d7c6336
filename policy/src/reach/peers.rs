//! Whom an entry concerns, ready to be asked.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Endpoint, Role};
use crate::model::{
    CidrRule, Entry, Expression, Matcher, Peer, PeerSelector, Policy, Rule, Scope, Selector,
    Source, peer_matchers,
};
use crate::pattern::{self, Pattern};

/// Whom an entry concerns.
#[derive(Clone, Debug)]
pub(super) enum Peers {
    Everybody,
    /// Any of these; nobody where there are none.
    These(Vec<Selected>),
}

/// One selector of peers.
#[derive(Clone, Debug)]
pub(super) enum Selected {
    Labels {
        /// Selectors that mean the same but are written otherwise are not equal to the
        /// agent.
        written: Vec<Expression>,
        matcher: Matcher,
    },
    Range {
        written: String,
        net: IpNet,
        except: Vec<IpNet>,
    },
    Name {
        name: Option<String>,
        wildcard: Option<String>,
        pattern: Pattern,
    },
    /// Whatever it selects is not known here.
    Unknown(String),
}

/// What the agent tells a selector by: rules for equal ones are merged.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key<'a> {
    Everybody,
    Labels(Vec<(&'a str, &'a str, &'a [String])>, &'a Matcher),
    Range(&'a str, &'a [IpNet]),
    Name(Option<&'a str>, Option<&'a str>),
    Unknown(&'a str),
}

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
    pub(super) fn matching<'a>(&'a self, endpoint: &'a Endpoint) -> impl Iterator<Item = Key<'a>> {
        let (everybody, these) = self.parts();
        let matching = these.iter().filter(|selected| selected.matches(endpoint));
        everybody.into_iter().chain(matching.map(Selected::key))
    }

    /// The keys of all selectors.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key<'_>> {
        let (everybody, these) = self.parts();
        everybody.into_iter().chain(these.iter().map(Selected::key))
    }

    fn parts(&self) -> (Option<Key<'_>>, &[Selected]) {
        match self {
            Self::Everybody => (Some(Key::Everybody), &[]),
            Self::These(these) => (None, these),
        }
    }
}

impl Selected {
    fn matches(&self, endpoint: &Endpoint) -> bool {
        match self {
            Self::Labels { matcher, .. } => matcher.matches(&endpoint.labels),
            Self::Range { net, except, .. } => {
                endpoint.role == Role::World
                    && endpoint.address.is_some_and(|address| {
                        net.contains(&address) && !except.iter().any(|net| net.contains(&address))
                    })
            }
            Self::Name { pattern, .. } => endpoint.names.iter().any(|name| pattern.matches(name)),
            Self::Unknown(_) => false,
        }
    }

    fn key(&self) -> Key<'_> {
        match self {
            Self::Labels { matcher, .. } if matcher.is_everything() => Key::Everybody,
            Self::Labels { written, matcher } => {
                let written = written.iter();
                let written = written.map(|one| (&*one.key, &*one.operator, &*one.values));
                Key::Labels(written.collect(), matcher)
            }
            Self::Range {
                written, except, ..
            } => Key::Range(written, except),
            Self::Name { name, wildcard, .. } => Key::Name(name.as_deref(), wildcard.as_deref()),
            Self::Unknown(written) => Key::Unknown(written),
        }
    }
}

fn select(policy: &Policy, rule: &Rule, peer: &Peer) -> Vec<Selected> {
    match &peer.selector {
        PeerSelector::Cidr(text) => range(text, &[]).into_iter().collect(),
        PeerSelector::CidrRule(rule) => vec![cidr_rule(rule)],
        PeerSelector::Fqdn { name, pattern } => fqdn(name.as_deref(), pattern.as_deref()),
        PeerSelector::Group | PeerSelector::Service { .. } => {
            vec![Selected::Unknown(peer.pointer.as_str().to_owned())]
        }
        _ => peer_matchers(policy, rule, peer)
            .into_iter()
            .map(|matcher| Selected::Labels {
                written: expressions(&peer.selector),
                matcher,
            })
            .collect(),
    }
}

fn expressions(selector: &PeerSelector) -> Vec<Expression> {
    let (one, other) = match selector {
        PeerSelector::Endpoints(one) | PeerSelector::Nodes(one) => (Some(one), None),
        PeerSelector::Pods { pods, namespaces } => (pods.as_ref(), namespaces.as_ref()),
        _ => (None, None),
    };
    let selectors = one.into_iter().chain(other);
    let expressions = selectors.flat_map(|one: &Selector| &one.match_expressions);
    expressions.cloned().collect()
}

fn cidr_rule(rule: &CidrRule) -> Selected {
    let except: Vec<_> = rule.except.iter().map(|(_, text)| text.as_str()).collect();
    let selected = rule.cidr.as_deref().and_then(|text| range(text, &except));
    selected.unwrap_or_else(|| {
        let (group, selector) = (&rule.group, &rule.group_selector);
        let selector = selector.as_ref().map(|one| Matcher::of(one, &Source::Any));
        Selected::Unknown(format!("{group:?} {selector:?} {except:?}"))
    })
}

fn range(text: &str, except: &[&str]) -> Option<Selected> {
    let parse = |text: &str| {
        let address = || text.parse::<IpAddr>().ok().map(IpNet::from);
        text.parse().ok().or_else(address)
    };
    Some(Selected::Range {
        written: text.to_owned(),
        net: parse(text)?,
        except: except.iter().filter_map(|text| parse(text)).collect(),
    })
}

fn fqdn(name: Option<&str>, wildcard: Option<&str>) -> Vec<Selected> {
    let written = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    let pattern = match (name, wildcard) {
        (Some(name), _) if written(Some(name)) => pattern::dns_name(name),
        (_, Some(wildcard)) if written(Some(wildcard)) => pattern::dns_pattern(wildcard),
        _ => return Vec::new(),
    };
    let selected = pattern.ok().map(|pattern| Selected::Name {
        name: name.map(str::to_owned),
        wildcard: wildcard.map(str::to_owned),
        pattern,
    });
    selected.into_iter().collect()
}
