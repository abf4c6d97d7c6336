//! `NetworkPolicy`: what its API server refuses (`pkg/apis/networking/validation` of
//! Kubernetes). The agent trusts that.

use ipnet::IpNet;

use super::cidr;
use super::selector::{self, Keys};
use super::violation::Violations;
use crate::model::{Entry, Peer, PeerSelector, Policy, Port, PortMatch};

const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];

pub(super) fn check(policy: &Policy, violations: &mut Violations) {
    for rule in &policy.rules {
        if let Some(selector) = &rule.endpoint_selector {
            selector::check(selector, Keys::Plain, violations);
        }
        for entry in &rule.entries {
            check_entry(entry, violations);
        }
    }
}

fn check_entry(entry: &Entry, violations: &mut Violations) {
    for port in entry.ports.iter().flat_map(|rule| &rule.ports) {
        check_port(port, violations);
    }
    for peer in entry.peers.iter().flat_map(|list| &list.peers) {
        check_peer(peer, violations);
    }
}

fn check_port(port: &Port, violations: &mut Violations) {
    let protocol = port.protocol.as_deref().unwrap_or("TCP");
    if !PROTOCOLS.contains(&protocol) {
        violations
            .invalid(
                &port.pointer.key("protocol"),
                format!("there is no protocol `{protocol}`"),
            )
            .suggest(protocol, &PROTOCOLS);
    }
    let pointer = port.pointer.key("port");
    match port.matches() {
        None => {
            violations.invalid(&pointer, format!("`{}` is no port", port.port));
        }
        Some(PortMatch::All) if !port.port.is_empty() => {
            violations
                .invalid(&pointer, "port 0")
                .hint("leave `port` out for every port");
        }
        Some(PortMatch::Named(_)) if port.port.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            violations.invalid(&pointer, "a name of a port is in lower case");
        }
        _ => {}
    }
    let Some(end) = port.end_port else {
        return;
    };
    let pointer = port.pointer.key("endPort");
    match port.matches() {
        Some(PortMatch::Range(first, _)) if (i64::from(first)..=65535).contains(&end) => {}
        Some(PortMatch::Range(first, _)) => {
            violations.invalid(
                &pointer,
                format!("{end} does not end a range that starts at {first}"),
            );
        }
        _ => violations
            .invalid(&pointer, "`endPort` without a number in `port`")
            .hint("name it"),
    }
}

fn check_peer(peer: &Peer, violations: &mut Violations) {
    match &peer.selector {
        PeerSelector::Pods { pods, namespaces } => {
            if pods.is_none() && namespaces.is_none() {
                violations
                    .invalid(&peer.pointer, "a peer that selects nothing")
                    .hint("name one of `podSelector`, `namespaceSelector` and `ipBlock`");
            }
            for selector in pods.iter().chain(namespaces) {
                selector::check(selector, Keys::Plain, violations);
            }
        }
        PeerSelector::CidrRule(rule) => {
            let range = rule.cidr.as_deref().unwrap_or_default();
            match range.parse::<IpNet>() {
                Err(_) => {
                    let pointer = peer.pointer.key("ipBlock").key("cidr");
                    violations.invalid(&pointer, format!("`{range}` is no range"));
                }
                Ok(range) => check_exceptions(range, &rule.except, violations),
            }
        }
        _ => {}
    }
}

fn check_exceptions(
    range: IpNet,
    exceptions: &[(crate::Pointer, String)],
    violations: &mut Violations,
) {
    for (pointer, text) in exceptions {
        match text.parse::<IpNet>() {
            Err(_) => {
                violations.invalid(pointer, format!("`{text}` is no range"));
            }
            Ok(except)
                if !cidr::contains(range, except) || except.prefix_len() == range.prefix_len() =>
            {
                violations.invalid(
                    pointer,
                    format!("`{except}` is not strictly inside `{range}`"),
                );
            }
            Ok(_) => {}
        }
    }
}
