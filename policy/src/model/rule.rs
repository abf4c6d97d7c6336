//! The rules of a policy.

use std::collections::BTreeSet;

use super::{IcmpField, PeerKind, PeerList, Pointer, PortRule, Scope, Selector};

/// One `spec`, or one item of `specs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Where it stands.
    pub pointer: Pointer,
    /// `endpointSelector`, or `podSelector` of a `NetworkPolicy`.
    pub endpoint_selector: Option<Selector>,
    /// `nodeSelector`.
    pub node_selector: Option<Selector>,
    /// `enableDefaultDeny`, as written.
    pub default_deny: DefaultDeny,
    /// What is allowed and denied, in the order of the sections: ingress, ingress
    /// deny, egress, egress deny.
    pub entries: Vec<Entry>,
    /// The directions in which the subject falls under the default deny because of
    /// this rule. `enableDefaultDeny: true` alone does not do it: without a section
    /// of that direction the agent has nothing to hang it on.
    pub isolates: BTreeSet<Direction>,
    /// `description`.
    pub description: Option<String>,
}

impl Rule {
    /// Whom the rule is about, if it says so once.
    pub fn subject(&self) -> Option<Subject<'_>> {
        match (&self.endpoint_selector, &self.node_selector) {
            (Some(selector), None) => Some(Subject::Endpoints(selector)),
            (None, Some(selector)) => Some(Subject::Nodes(selector)),
            _ => None,
        }
    }

    /// What the rule says about one direction.
    pub fn towards(&self, direction: Direction) -> impl Iterator<Item = &Entry> {
        let entries = self.entries.iter();
        entries.filter(move |entry| entry.direction == direction)
    }
}

/// Whom a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject<'a> {
    /// Endpoints, that is pods and the few that Cilium runs itself.
    Endpoints(&'a Selector),
    /// Nodes: a policy of the host firewall.
    Nodes(&'a Selector),
}

/// `enableDefaultDeny`. Absent means yes for a direction that has a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DefaultDeny {
    /// Where it stands.
    pub pointer: Option<Pointer>,
    /// `ingress`.
    pub ingress: Option<bool>,
    /// `egress`.
    pub egress: Option<bool>,
}

impl DefaultDeny {
    /// What is written for a direction.
    pub fn written(&self, direction: Direction) -> Option<bool> {
        match direction {
            Direction::Ingress => self.ingress,
            Direction::Egress => self.egress,
        }
    }
}

/// Which way a connection is opened, seen from the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// Towards the subject.
    Ingress,
    /// From the subject.
    Egress,
}

impl Direction {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Ingress, Self::Egress];

    /// `ingress` or `egress`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}

/// What a rule does with what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Lets it pass, as far as no rule denies it.
    Allow,
    /// Refuses it, whatever allows it.
    Deny,
}

/// One item of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands.
    pub pointer: Pointer,
    /// Of which direction the section is.
    pub direction: Direction,
    /// Whether the section allows or denies.
    pub action: Action,
    /// The fields of peers that are there.
    pub peers: Vec<PeerList>,
    /// `toPorts`; all `ports` of a rule of a `NetworkPolicy` are one item.
    pub ports: Vec<PortRule>,
    /// The items of `icmps`, each with its `fields`.
    pub icmps: Vec<(Pointer, Vec<IcmpField>)>,
    /// `authentication`.
    pub authentication: Option<Authentication>,
    /// Where `fromRequires` or `toRequires` stands, which older versions had.
    pub requires: Option<Pointer>,
}

impl Entry {
    /// The list of one kind, if it is there.
    pub fn list(&self, kind: PeerKind) -> Option<&PeerList> {
        self.peers.iter().find(|list| list.kind == kind)
    }

    /// Whether any port, protocol or ICMP type is named.
    pub fn names_ports(&self) -> bool {
        !self.ports.is_empty() || !self.icmps.is_empty()
    }

    /// Whom the entry concerns.
    pub fn scope(&self) -> Scope<'_> {
        if self.peers.iter().any(selects_nobody) {
            return Scope::Nobody;
        }
        let lists = self.peers.iter().filter(|list| !list.peers.is_empty());
        let peers: Vec<_> = lists.flat_map(|list| &list.peers).collect();
        if !peers.is_empty() {
            return Scope::Peers(peers);
        }
        let kubernetes = self.list(PeerKind::Kubernetes).is_some();
        if self.names_ports() || kubernetes {
            Scope::Everybody
        } else {
            Scope::Nobody
        }
    }
}

/// The agent tells an empty list of these kinds from an absent one
/// (`pkg/policy/utils/parserules.go`).
fn selects_nobody(list: &PeerList) -> bool {
    let telling = matches!(
        list.kind,
        PeerKind::Endpoints
            | PeerKind::Nodes
            | PeerKind::Entities
            | PeerKind::Cidr
            | PeerKind::CidrSet
    );
    telling && list.peers.is_empty()
}

/// `authentication`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authentication {
    /// Where it stands.
    pub pointer: Pointer,
    /// `disabled`, `required` or `test-always-fail`.
    pub mode: String,
}
