//! Reading `CiliumNetworkPolicy` and `CiliumClusterwideNetworkPolicy`.

use std::collections::BTreeSet;

use super::peer::{read_lists, read_places};
use super::reading::{Field, Object, Reader};
use super::{
    Action, Authentication, DefaultDeny, Direction, Entry, IcmpField, L7Rules, PeerKind, Pointer,
    Port, PortRule, Rule, Selector,
};

/// Keys of an object that do not concern the policy.
pub(super) const ENVELOPE: [&str; 4] = ["apiVersion", "kind", "metadata", "status"];

const BODY: &[&str] = &[
    ENVELOPE[0],
    ENVELOPE[1],
    ENVELOPE[2],
    ENVELOPE[3],
    "spec",
    "specs",
];

const RULE: &[&str] = &[
    "description",
    "egress",
    "egressDeny",
    "enableDefaultDeny",
    "endpointSelector",
    "ingress",
    "ingressDeny",
    "labels",
    "log",
    "nodeSelector",
];

/// The rules of `spec` and `specs`, and whether one of the two is there.
pub(super) fn read_rules(reader: &mut Reader, root: &Field<'_>) -> (bool, Vec<Rule>) {
    let Some(object) = reader.object(root, BODY) else {
        return (false, Vec::new());
    };
    let spec = object.get("spec");
    let has_spec = spec.is_some();
    let spec = spec.and_then(|spec| read_rule(reader, &spec));
    let specs = reader.list(object.get("specs"), read_rule);
    let has_body = has_spec || specs.is_some();
    (
        has_body,
        spec.into_iter().chain(specs.unwrap_or_default()).collect(),
    )
}

fn read_rule(reader: &mut Reader, field: &Field<'_>) -> Option<Rule> {
    let object = reader.object(field, RULE)?;
    let selector = |reader: &mut Reader, key| {
        let field = object.get(key)?;
        Selector::read(reader, &field)
    };
    let endpoint_selector = selector(reader, "endpointSelector");
    let node_selector = selector(reader, "nodeSelector");
    let default_deny = match object.get("enableDefaultDeny") {
        Some(field) => read_default_deny(reader, &field),
        None => DefaultDeny::default(),
    };
    let entries: Vec<Entry> = SECTIONS
        .iter()
        .flat_map(|section| read_section(reader, &object, section))
        .collect();
    let isolates: BTreeSet<Direction> = entries
        .iter()
        .map(|entry| entry.direction)
        .filter(|&direction| default_deny.written(direction).unwrap_or(true))
        .collect();
    Some(Rule {
        endpoint_selector,
        node_selector,
        default_deny,
        entries,
        isolates,
        description: reader.text(object.get("description")),
        pointer: object.pointer(),
    })
}

fn read_default_deny(reader: &mut Reader, field: &Field<'_>) -> DefaultDeny {
    let Some(object) = reader.object(field, &["ingress", "egress"]) else {
        return DefaultDeny::default();
    };
    DefaultDeny {
        ingress: reader.boolean(object.get("ingress")),
        egress: reader.boolean(object.get("egress")),
        pointer: Some(object.pointer()),
    }
}

/// One of the four lists of a rule.
struct Section {
    key: &'static str,
    direction: Direction,
    action: Action,
    peers: &'static [PeerKind],
    fields: &'static [&'static str],
}

const COMMON: [PeerKind; 6] = [
    PeerKind::Endpoints,
    PeerKind::Entities,
    PeerKind::Cidr,
    PeerKind::CidrSet,
    PeerKind::Nodes,
    PeerKind::Groups,
];
const EGRESS: [PeerKind; 8] = [
    COMMON[0],
    COMMON[1],
    COMMON[2],
    COMMON[3],
    COMMON[4],
    COMMON[5],
    PeerKind::Services,
    PeerKind::Fqdns,
];

const SECTIONS: [Section; 4] = [
    Section {
        key: "ingress",
        direction: Direction::Ingress,
        action: Action::Allow,
        peers: &COMMON,
        fields: &[
            "authentication",
            "fromCIDR",
            "fromCIDRSet",
            "fromEndpoints",
            "fromEntities",
            "fromGroups",
            "fromNodes",
            "fromRequires",
            "icmps",
            "toPorts",
        ],
    },
    Section {
        key: "ingressDeny",
        direction: Direction::Ingress,
        action: Action::Deny,
        peers: &COMMON,
        fields: &[
            "fromCIDR",
            "fromCIDRSet",
            "fromEndpoints",
            "fromEntities",
            "fromGroups",
            "fromNodes",
            "fromRequires",
            "icmps",
            "toPorts",
        ],
    },
    Section {
        key: "egress",
        direction: Direction::Egress,
        action: Action::Allow,
        peers: &EGRESS,
        fields: &[
            "authentication",
            "icmps",
            "toCIDR",
            "toCIDRSet",
            "toEndpoints",
            "toEntities",
            "toFQDNs",
            "toGroups",
            "toNodes",
            "toPorts",
            "toRequires",
            "toServices",
        ],
    },
    Section {
        key: "egressDeny",
        direction: Direction::Egress,
        action: Action::Deny,
        peers: EGRESS.split_at(7).0,
        fields: &[
            "icmps",
            "toCIDR",
            "toCIDRSet",
            "toEndpoints",
            "toEntities",
            "toGroups",
            "toNodes",
            "toPorts",
            "toRequires",
            "toServices",
        ],
    },
];

fn read_section(reader: &mut Reader, rule: &Object<'_>, section: &Section) -> Vec<Entry> {
    let entries = reader.list(rule.get(section.key), |reader, item| {
        read_entry(reader, item, section)
    });
    entries.unwrap_or_default()
}

fn read_entry(reader: &mut Reader, field: &Field<'_>, section: &Section) -> Option<Entry> {
    let object = reader.object(field, section.fields)?;
    let requires = object.get("fromRequires").or(object.get("toRequires"));
    Some(Entry {
        direction: section.direction,
        action: section.action,
        peers: read_lists(reader, &object, section.direction, section.peers),
        ports: reader
            .list(object.get("toPorts"), |reader, item| {
                read_port_rule(reader, item, section.action)
            })
            .unwrap_or_default(),
        icmps: reader
            .list(object.get("icmps"), read_icmp)
            .unwrap_or_default(),
        authentication: object
            .get("authentication")
            .and_then(|field| read_authentication(reader, &field)),
        requires: requires.map(|field| field.pointer()),
        pointer: object.pointer(),
    })
}

fn read_port_rule(reader: &mut Reader, field: &Field<'_>, action: Action) -> Option<PortRule> {
    let allow = &[
        "listener",
        "originatingTLS",
        "ports",
        "rules",
        "serverNames",
        "terminatingTLS",
    ];
    let object = match action {
        Action::Allow => reader.object(field, allow)?,
        Action::Deny => reader.object(field, &["ports"])?,
    };
    let place = |key| object.get(key).map(|field| field.pointer());
    let l7 = object.get("rules").filter(|_| action == Action::Allow);
    Some(PortRule {
        ports: reader
            .list(object.get("ports"), Port::read)
            .unwrap_or_default(),
        l7: l7.and_then(|field| L7Rules::read(reader, &field)),
        server_names: read_places(reader, object.get("serverNames")),
        terminating_tls: place("terminatingTLS"),
        originating_tls: place("originatingTLS"),
        listener: place("listener"),
        pointer: object.pointer(),
    })
}

fn read_icmp(reader: &mut Reader, field: &Field<'_>) -> Option<(Pointer, Vec<IcmpField>)> {
    let object = reader.object(field, &["fields"])?;
    let fields = reader.list(object.get("fields"), |reader, item| {
        IcmpField::read(reader, item)
    });
    Some((object.pointer(), fields.unwrap_or_default()))
}

fn read_authentication(reader: &mut Reader, field: &Field<'_>) -> Option<Authentication> {
    let object = reader.object(field, &["mode"])?;
    Some(Authentication {
        mode: reader.text(object.get("mode")).unwrap_or_default(),
        pointer: object.pointer(),
    })
}
