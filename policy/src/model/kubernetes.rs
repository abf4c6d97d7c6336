//! Reading `NetworkPolicy` into the shape of Cilium's rules.
//!
//! Follows Cilium's `pkg/k8s/network_policy.go`, which looks at the sections first and
//! at `policyTypes` only where a section is missing.

use std::collections::BTreeSet;

use super::cilium::ENVELOPE;
use super::peer::{read_lists, read_places};
use super::reading::{Field, Object, Reader};
use super::{
    Action, CidrRule, DefaultDeny, Direction, Entry, PeerKind, PeerSelector, Port, PortRule,
    Protocol, Rule, Selector,
};

const BODY: &[&str] = &[ENVELOPE[0], ENVELOPE[1], ENVELOPE[2], ENVELOPE[3], "spec"];

/// The rules of `spec`, and whether it is there.
pub(super) fn read_rules(reader: &mut Reader, root: &Field<'_>) -> (bool, Vec<Rule>) {
    let object = reader.object(root, BODY);
    let spec = object.as_ref().and_then(|object| object.get("spec"));
    let rule = spec.as_ref().and_then(|spec| read_spec(reader, spec));
    (spec.is_some(), rule.into_iter().collect())
}

fn read_spec(reader: &mut Reader, field: &Field<'_>) -> Option<Rule> {
    let known = &["egress", "ingress", "podSelector", "policyTypes"];
    let object = reader.object(field, known)?;
    let selector = match object.get("podSelector") {
        Some(field) => Selector::read(reader, &field)?,
        None => Selector {
            pointer: object.pointer().key("podSelector"),
            match_labels: std::collections::BTreeMap::new(),
            match_expressions: Vec::new(),
        },
    };
    let types = read_places(reader, object.get("policyTypes"));
    let entries: Vec<Entry> = Direction::BOTH
        .into_iter()
        .flat_map(|direction| read_section(reader, &object, direction))
        .collect();
    Some(Rule {
        isolates: isolated(&entries, &types.into_iter().map(|(_, name)| name).collect()),
        endpoint_selector: Some(selector),
        node_selector: None,
        default_deny: DefaultDeny::default(),
        entries,
        description: None,
        pointer: object.pointer(),
    })
}

/// A section isolates; without one, `policyTypes` does, whose default is ingress.
fn isolated(entries: &[Entry], types: &BTreeSet<String>) -> BTreeSet<Direction> {
    let mut directions: BTreeSet<_> = entries.iter().map(|entry| entry.direction).collect();
    if types.contains("Ingress") || !types.contains("Egress") {
        directions.insert(Direction::Ingress);
    }
    if types.contains("Egress") {
        directions.insert(Direction::Egress);
    }
    directions
}

fn read_section(reader: &mut Reader, spec: &Object<'_>, direction: Direction) -> Vec<Entry> {
    let entries = reader.list(spec.get(direction.name()), |reader, item| {
        read_entry(reader, item, direction)
    });
    entries.unwrap_or_default()
}

fn read_entry(reader: &mut Reader, field: &Field<'_>, direction: Direction) -> Option<Entry> {
    let object = match direction {
        Direction::Ingress => reader.object(field, &["from", "ports"])?,
        Direction::Egress => reader.object(field, &["ports", "to"])?,
    };
    let mut peers = read_lists(reader, &object, direction, &[PeerKind::Kubernetes]);
    if peers.is_empty() {
        peers.push(everybody(&object, direction));
    }
    let ports = reader.list(object.get("ports"), read_port);
    Some(Entry {
        direction,
        action: Action::Allow,
        peers,
        ports: match ports {
            Some(ports) if !ports.is_empty() => vec![PortRule {
                pointer: object.pointer().key("ports"),
                ports,
                l7: None,
                server_names: Vec::new(),
                terminating_tls: None,
                originating_tls: None,
                listener: None,
            }],
            _ => Vec::new(),
        },
        icmps: Vec::new(),
        authentication: None,
        requires: None,
        pointer: object.pointer(),
    })
}

/// An absent list of peers means the same as an empty one: everybody.
fn everybody(entry: &Object<'_>, direction: Direction) -> super::PeerList {
    super::PeerList {
        kind: PeerKind::Kubernetes,
        pointer: entry.pointer().key(PeerKind::Kubernetes.field(direction)),
        peers: Vec::new(),
    }
}

fn read_port(reader: &mut Reader, field: &Field<'_>) -> Option<Port> {
    let object = reader.object(field, &["endPort", "port", "protocol"])?;
    Some(Port {
        port: reader
            .text_or_number(object.get("port"))
            .unwrap_or_default(),
        end_port: reader.number(object.get("endPort")),
        protocol: reader.text(object.get("protocol")),
        default_protocol: Protocol::Tcp,
        pointer: object.pointer(),
    })
}

/// An item of `from` or `to`.
pub(super) fn read_peer(reader: &mut Reader, field: &Field<'_>) -> Option<PeerSelector> {
    let object = reader.object(field, &["ipBlock", "namespaceSelector", "podSelector"])?;
    if let Some(block) = object.get("ipBlock") {
        let block = reader.object(&block, &["cidr", "except"])?;
        return Some(PeerSelector::CidrRule(CidrRule {
            cidr: reader.text(block.get("cidr")),
            except: read_places(reader, block.get("except")),
            ..CidrRule::default()
        }));
    }
    let mut selector = |key| {
        let field = object.get(key)?;
        Selector::read(reader, &field)
    };
    Some(PeerSelector::Pods {
        namespaces: selector("namespaceSelector"),
        pods: selector("podSelector"),
    })
}
