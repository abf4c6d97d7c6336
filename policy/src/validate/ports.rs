//! Ports and ICMP types.

use super::violation::{ViolationKind, Violations};
use super::{Agent, CiliumVersion, Feature};
use crate::model::{Direction, Entry, IcmpField, Port, PortMatch, PortRule, Protocol};

const MOST: usize = 40;
/// How many of the protocols older agents know: all but those of tunnels.
const BEFORE_TUNNELS: usize = 6;

pub(super) fn check(
    rule: &PortRule,
    direction: Direction,
    agent: &Agent,
    violations: &mut Violations,
) {
    if rule.ports.len() > MOST {
        violations
            .refused(
                &rule.pointer.key("ports"),
                format!("more than {MOST} ports in one item"),
            )
            .kind(ViolationKind::Mixed)
            .hint("spread them over several items of `toPorts`, or use a range with `endPort`");
    }
    if rule.ports.is_empty() {
        let has_dns = rule.l7.as_ref().is_some_and(|l7| !l7.dns().is_empty());
        if has_dns && direction == Direction::Egress {
            violations
                .refused(&rule.pointer, "DNS rules without a port")
                .kind(ViolationKind::RequestPort)
                .hint("add port 53 with the protocol `ANY`");
        } else {
            violations
                .ineffective(
                    &rule.pointer,
                    "an item of `toPorts` without ports allows nothing",
                )
                .hint("name the ports, or leave `toPorts` out for all of them");
        }
    }
    for port in &rule.ports {
        check_port(port, agent, violations);
    }
    for (pointer, name) in &rule.server_names {
        if name.is_empty() {
            violations.refused(pointer, "an empty name in `serverNames`");
        } else if let Err(reason) = crate::pattern::server_name(name) {
            violations.invalid(pointer, reason);
        }
    }
}

fn check_port(port: &Port, agent: &Agent, violations: &mut Violations) {
    let pointer = &port.pointer;
    let protocol = check_protocol(port, agent, violations);
    if port.port.is_empty() {
        if !agent.features.contains(&Feature::ExtendedProtocols) {
            violations
                .refused(pointer, "an item of `ports` without `port`")
                .hint("\"0\" stands for every port of the protocol");
        }
        return;
    }
    let Some(matches) = port.matches() else {
        violations
            .refused(
                &pointer.key("port"),
                format!("`{}` is neither a port nor a name of one", port.port),
            )
            .hint("0 to 65535, or up to 15 letters, digits and single dashes");
        return;
    };
    let portless = protocol.is_some_and(|protocol| !protocol.has_ports());
    // A name is not looked at, the agent only refuses numbers here.
    if portless && matches!(matches, PortMatch::Range(..)) {
        violations
            .refused(&pointer.key("port"), "a port of a protocol that has none")
            .hint("write \"0\"");
    }
    check_range(port, &matches, violations);
}

/// The protocol, if this agent knows it.
fn check_protocol(port: &Port, agent: &Agent, violations: &mut Violations) -> Option<Protocol> {
    let known = if agent.version >= CiliumVersion::WITH_TUNNELS {
        &Protocol::NAMES[..]
    } else {
        &Protocol::NAMES[..BEFORE_TUNNELS]
    };
    let protocol = port.protocol();
    let found = known.iter().find(|(_, one)| protocol == Some(*one));
    if found.is_none() {
        let written = port.protocol.as_deref().unwrap_or_default();
        let names: Vec<_> = known.iter().map(|(name, _)| *name).collect();
        violations
            .refused(
                &port.pointer.key("protocol"),
                format!("there is no protocol `{written}` for a port"),
            )
            .suggest(written, &names);
    }
    found.map(|(_, protocol)| *protocol)
}

/// The agent takes what is not a range for the first port alone.
fn check_range(port: &Port, matches: &PortMatch, violations: &mut Violations) {
    let Some(end) = port.end_port.filter(|end| *end != 0) else {
        return;
    };
    let pointer = port.pointer.key("endPort");
    if u16::try_from(end).is_err() {
        violations.invalid(&pointer, format!("{end} is no port"));
        return;
    }
    match matches {
        PortMatch::Named(name) => violations
            .ineffective(&pointer, format!("no range starts at the name `{name}`"))
            .hint("use the port's number"),
        PortMatch::All => violations
            .ineffective(&pointer, "no range starts at 0")
            .hint("0 stands for every port; start at 1"),
        PortMatch::Range(first, _) if end < i64::from(*first) => violations
            .ineffective(
                &pointer,
                format!("the range ends at {end}, before it starts at {first}"),
            )
            .hint(format!("only {first} counts")),
        PortMatch::Range(..) => {}
    }
}

pub(super) fn check_icmps(entry: &Entry, violations: &mut Violations) {
    for (pointer, fields) in &entry.icmps {
        if fields.len() > MOST {
            violations
                .refused(
                    &pointer.key("fields"),
                    format!("more than {MOST} types in one item"),
                )
                .kind(ViolationKind::Mixed)
                .hint("spread them over several items of `icmps`");
        }
        for field in fields {
            check_icmp(field, violations);
        }
    }
}

fn check_icmp(field: &IcmpField, violations: &mut Violations) {
    let family = field.family.as_deref().unwrap_or("IPv4");
    if field.protocol().is_none() {
        violations
            .refused(
                &field.pointer.key("family"),
                format!("there is no family `{family}`"),
            )
            .suggest(family, &["IPv4", "IPv6"]);
    }
    match &field.kind {
        None => {
            violations.invalid(&field.pointer, "an ICMP field without `type`");
        }
        Some(kind) if field.number().is_none() => violations
            .refused(
                &field.pointer.key("type"),
                format!("there is no type `{kind}` of {family}"),
            )
            .hint("a number from 0 to 255, or a name such as `EchoRequest`"),
        // The agent keeps a type where a port would be, and port 0 is every port.
        Some(_) if field.number() == Some(0) => violations
            .ineffective(&field.pointer.key("type"), "type 0 covers every type")
            .hint("answers need no rule: allow `EchoRequest` on the side of who asks"),
        Some(_) => {}
    }
}
