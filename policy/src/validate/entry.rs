//! One item of a section of Cilium: its peers and what may stand together.

use super::selector::{self, Keys};
use super::violation::{ViolationKind, Violations};
use super::{Agent, CiliumVersion, Feature, cidr, l7, ports};
use crate::model::{Action, Entity, Entry, Peer, PeerKind, PeerSelector};

/// Whom the rule is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Endpoints,
    Nodes,
}

const MODES: [&str; 3] = ["disabled", "required", "test-always-fail"];

pub(super) fn check(entry: &Entry, subject: Subject, agent: &Agent, violations: &mut Violations) {
    check_combination(entry, violations);
    check_removed(entry, agent, violations);
    for list in &entry.peers {
        for peer in &list.peers {
            check_peer(peer, violations);
        }
        let switched_on = agent.features.contains(&Feature::NodeSelectorLabels);
        if list.kind == PeerKind::Nodes && !list.peers.is_empty() && !switched_on {
            let name = list.kind.field(entry.direction);
            violations
                .refused(
                    &list.pointer,
                    format!("`{name}` is switched off in the agent"),
                )
                .hint("switch it on with the Helm value `nodeSelectorLabels: true`");
        }
    }
    check_services(entry, violations);
    for rule in &entry.ports {
        ports::check(rule, entry.direction, agent, violations);
        l7::check(rule, entry.direction, subject, agent, violations);
    }
    ports::check_icmps(entry, violations);
}

/// Peers of one kind only, and ports or ICMP types but not both.
fn check_combination(entry: &Entry, violations: &mut Violations) {
    let mut lists = entry.peers.iter().filter(|list| !list.peers.is_empty());
    if let Some(first) = lists.next() {
        for other in lists {
            let name = |kind: PeerKind| kind.field(entry.direction);
            violations
                .refused(
                    &other.pointer,
                    format!("`{}` beside `{}`", name(other.kind), name(first.kind)),
                )
                .kind(ViolationKind::Mixed)
                .hint("a rule has peers of one kind; make two rules, either of which allows");
        }
    }
    if let (Some((pointer, _)), false) = (entry.icmps.first(), entry.ports.is_empty()) {
        violations
            .refused(pointer, "`icmps` beside `toPorts`")
            .kind(ViolationKind::Mixed)
            .hint("make two rules");
    }
}

/// Where the agent does not find the service, ports remain and no peers
/// (`processRule` in `pkg/policy/k8s/service.go`).
fn check_services(entry: &Entry, violations: &mut Violations) {
    let list = entry.list(PeerKind::Services);
    if let Some(list) = list.filter(|list| !list.peers.is_empty())
        && entry.action == Action::Allow
        && !entry.ports.is_empty()
    {
        violations
            .ineffective(
                &list.pointer,
                "while there is no such service, `toPorts` opens its ports to everybody",
            )
            .hint("select the service's pods with `toEndpoints`, or leave `toPorts` out");
    }
}

fn check_removed(entry: &Entry, agent: &Agent, violations: &mut Violations) {
    if let Some(pointer) = &entry.requires
        && agent.version >= CiliumVersion::WITHOUT_REQUIRES
    {
        violations
            .refused(
                pointer,
                format!("Cilium {} has no requirements any more", agent.version),
            )
            .kind(ViolationKind::Removed)
            .hint("deny the others with `ingressDeny` or `egressDeny`");
    }
    let Some(authentication) = &entry.authentication else {
        return;
    };
    if agent.version >= CiliumVersion::WITHOUT_AUTHENTICATION {
        let message = format!("Cilium {} has no mutual authentication", agent.version);
        violations
            .dropped(&authentication.pointer, message)
            .kind(ViolationKind::Authentication)
            .hint("leave it out; encryption is set for the whole cluster");
    } else if !MODES.contains(&authentication.mode.as_str()) {
        let mode = &authentication.mode;
        violations
            .invalid(
                &authentication.pointer.key("mode"),
                format!("there is no mode `{mode}`"),
            )
            .suggest(mode, &MODES);
    }
}

fn check_peer(peer: &Peer, violations: &mut Violations) {
    match &peer.selector {
        PeerSelector::Endpoints(selector) | PeerSelector::Nodes(selector) => {
            selector::check(selector, Keys::WithSource, violations);
        }
        PeerSelector::Entity(name) if Entity::parse(name).is_none() => violations
            .refused(&peer.pointer, format!("there is no entity `{name}`"))
            .suggest(name, &Entity::NAMES.map(|(name, _)| name)),
        PeerSelector::Cidr(text) => cidr::check_text(&peer.pointer, text, violations),
        PeerSelector::CidrRule(rule) => cidr::check_rule(peer, rule, violations),
        PeerSelector::Fqdn { name, pattern } => {
            cidr::check_fqdn(peer, name.as_deref(), pattern.as_deref(), violations);
        }
        PeerSelector::Entity(_)
        | PeerSelector::Service { .. }
        | PeerSelector::Group
        | PeerSelector::Pods { .. } => {}
    }
}
