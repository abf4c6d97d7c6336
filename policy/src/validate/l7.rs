//! Rules about what is inside a connection, and where they may stand.

use super::entry::Subject;
use super::violation::{ViolationKind, Violations};
use super::{Agent, CiliumVersion, cidr};
use crate::model::{
    Direction, HeaderMatch, HttpRule, L7Rules, Pointer, PortMatch, PortRule, Protocol,
};
use crate::pattern;

const MISMATCHES: [&str; 4] = ["ADD", "DELETE", "LOG", "REPLACE"];

pub(super) fn check(
    rule: &PortRule,
    direction: Direction,
    subject: Subject,
    agent: &Agent,
    violations: &mut Violations,
) {
    if let (Some(pointer), Direction::Ingress) = (&rule.listener, direction) {
        violations.refused(pointer, "`listener` on ingress");
    }
    let Some(l7) = &rule.l7 else {
        return;
    };
    check_removed(l7, agent, violations);
    if l7.is_empty() {
        return;
    }
    check_place(rule, l7, direction, subject, violations);
    check_ports(rule, l7, violations);
    for http in l7.http() {
        check_http(http, violations);
    }
    for dns in l7.dns() {
        cidr::check_names(
            &dns.pointer,
            dns.name.as_deref(),
            dns.pattern.as_deref(),
            violations,
        );
    }
}

fn check_removed(l7: &L7Rules, agent: &Agent, violations: &mut Violations) {
    if agent.version < CiliumVersion::WITHOUT_KAFKA {
        return;
    }
    for parser in &l7.removed {
        violations
            .dropped(
                &parser.pointer,
                format!("Cilium {} has no `{}` rules", agent.version, parser.key),
            )
            .kind(ViolationKind::Removed)
            .hint("without them the port is open to every request; use HTTP rules, or remove this");
    }
}

fn check_place(
    rule: &PortRule,
    l7: &L7Rules,
    direction: Direction,
    subject: Subject,
    violations: &mut Violations,
) {
    if l7.http.is_some() && l7.dns.is_some() {
        violations
            .refused(&l7.pointer, "HTTP and DNS rules in one item")
            .kind(ViolationKind::Mixed)
            .hint("a port speaks one protocol; make two items of `toPorts`");
    }
    if direction == Direction::Ingress && !l7.dns().is_empty() {
        violations
            .refused(&l7.pointer.key("dns"), "DNS rules on ingress")
            .kind(ViolationKind::RequestPlace)
            .hint("names are watched where they are asked for: put them on egress of the clients");
    }
    if subject == Subject::Nodes && (direction == Direction::Ingress || !l7.http().is_empty()) {
        violations
            .refused(&l7.pointer, "rules about requests in a policy of nodes")
            .kind(ViolationKind::RequestPlace)
            .hint("the host firewall knows addresses and ports only; DNS rules on egress excepted");
    }
    if !rule.server_names.is_empty() && rule.terminating_tls.is_none() {
        violations
            .refused(
                &rule.pointer.key("serverNames"),
                "`serverNames` beside rules about requests",
            )
            .kind(ViolationKind::Mixed)
            .hint("requests inside TLS are not seen: keep one of the two, or add `terminatingTLS`");
    }
    if let Some(pointer) = &rule.listener {
        violations.refused(pointer, "`listener` beside rules about requests");
    }
}

fn check_ports(rule: &PortRule, l7: &L7Rules, violations: &mut Violations) {
    let is_dns = !l7.dns().is_empty();
    for port in &rule.ports {
        let protocol = port.protocol();
        if !is_dns && protocol.is_some_and(|protocol| protocol != Protocol::Tcp) {
            violations
                .refused(&port.pointer, "HTTP rules on another protocol than TCP")
                .kind(ViolationKind::RequestPort)
                .hint("say `protocol: TCP`; without it the port is open for UDP and SCTP too");
        }
        match port.matches() {
            Some(PortMatch::All) => violations
                .refused(&port.pointer, "rules about requests on every port")
                .kind(ViolationKind::RequestPort)
                .hint("name the port"),
            Some(PortMatch::Range(first, last)) if is_dns && last > first => violations
                .refused(&port.pointer, "DNS rules on a range of ports")
                .kind(ViolationKind::RequestPort)
                .hint("name the port, which is 53"),
            _ => {}
        }
    }
}

fn check_http(rule: &HttpRule, violations: &mut Violations) {
    let fields = [
        ("path", &rule.path),
        ("method", &rule.method),
        ("host", &rule.host),
    ];
    for (key, text) in fields {
        if let Some(Err(reason)) = text.as_deref().map(pattern::check_http) {
            check_expression(&rule.pointer.key(key), key, &reason, violations);
        }
    }
    for header in &rule.header_matches {
        check_header(header, violations);
    }
}

/// The agent compiles path and method; a broken host gets to Envoy, which refuses the
/// endpoint's whole policy and keeps the old one.
fn check_expression(pointer: &Pointer, key: &str, reason: &str, violations: &mut Violations) {
    let message = format!("no regular expression: {reason}");
    let noted = if key == "host" {
        violations.ineffective(pointer, message)
    } else {
        violations.refused(pointer, message)
    };
    noted.hint("this is a regular expression, not a glob: `.*` stands for anything");
}

fn check_header(header: &HeaderMatch, violations: &mut Violations) {
    if header.name.is_empty() {
        violations.refused(&header.pointer, "a header without a name");
    }
    if let Some(mismatch) = header.mismatch.as_deref().filter(|text| !text.is_empty())
        && !MISMATCHES.contains(&mismatch)
    {
        violations
            .refused(
                &header.pointer.key("mismatch"),
                format!("there is no action `{mismatch}`"),
            )
            .suggest(mismatch, &MISMATCHES);
    }
    if header.secret.as_deref() == Some("") {
        violations.refused(&header.pointer.key("secret"), "a secret without a name");
    }
}
