//! Ports, messages, and what is asked of the stream.

use ztgit_plugin::cluster::{Action, Authentication, FlowPort, Peer, Protocol};

use super::{Findings, http};

pub(super) fn check(findings: &mut Findings<'_>) {
    let flow = &findings.wanted.flow;
    for (index, port) in flow.ports.iter().enumerate() {
        range(index, *port, findings);
    }
    if !flow.http.is_empty() {
        proxied("http", findings);
        for (index, request) in flow.http.iter().enumerate() {
            http::check(index, request, findings);
        }
    }
    if !flow.server_names.is_empty() {
        proxied("serverNames", findings);
        server_names(findings);
    }
    if !flow.icmp.is_empty() {
        messages(findings);
    }
    if flow.authentication == Authentication::Required {
        authentication(findings);
    }
}

/// Messages have no ports.
fn messages(findings: &mut Findings<'_>) {
    let flow = &findings.wanted.flow;
    if !flow.ports.is_empty() || !flow.http.is_empty() || !flow.server_names.is_empty() {
        findings.error(
            "icmp-and-ports",
            "has both `icmp` and ports, and cilium takes them in rules of their own",
            &["icmp"],
            "write one flow for the ports and one for the messages",
        );
    }
    // Agents keep the type where they keep ports, and there 0 is every one.
    if flow.icmp.iter().any(|message| message.message_type == 0) {
        findings.error(
            "icmp-zero",
            "has the ICMP type 0, which would allow messages of every type",
            &["icmp"],
            "leave it out: answers to what is allowed need no rule",
        );
    }
}

/// Agents authenticate the identities of pods, and what is denied is denied
/// to everybody.
fn authentication(findings: &mut Findings<'_>) {
    let flow = &findings.wanted.flow;
    if flow.action == Action::Deny {
        findings.error(
            "authenticated-deny",
            "is denied, and a denial authenticates nobody",
            &["authentication"],
            "leave `authentication` out",
        );
    }
    let is_pods = |peer: &Peer| matches!(peer, Peer::Workload { .. } | Peer::Pods { .. });
    if !is_pods(&flow.from) || !is_pods(&flow.to) {
        findings.error(
            "authenticated-end",
            "has to be authenticated, and only pods can be",
            &["authentication"],
            "leave `authentication` out, or name pods at both ends",
        );
    }
}

fn range(index: usize, port: FlowPort, findings: &mut Findings<'_>) {
    let backwards = port.end_port.is_some_and(|end| end < port.port);
    if port.port == 0 || backwards {
        let shown = port.end_port.map_or(String::new(), |end| format!("-{end}"));
        findings.error(
            "port-range",
            &format!("names port {}{shown}", port.port),
            &["ports", &index.to_string()],
            "ports go from 1 to 65535, and a range from its lower end to its upper",
        );
    }
}

/// What goes through the proxy: TCP on ports that are named one by one.
fn proxied(field: &str, findings: &mut Findings<'_>) {
    let flow = &findings.wanted.flow;
    if flow.action == Action::Deny {
        findings.error(
            "l7-deny",
            &format!("denies by `{field}`, and cilium denies by address and port only"),
            &[field],
            "allow the requests that are wanted: everything else on the port is then refused",
        );
    }
    if flow.ports.is_empty() {
        findings.error(
            "l7-ports",
            &format!("has `{field}` but no port"),
            &[field],
            "name the ports on which the requests are made",
        );
    }
    for (index, port) in flow.ports.iter().enumerate() {
        let path = ["ports", &index.to_string()];
        if port.protocol != Protocol::Tcp {
            let problem = format!(
                "has `{field}` on {}, which has no such stream",
                port.protocol.name()
            );
            findings.error(
                "l7-protocol",
                &problem,
                &path,
                "use TCP, or a flow of its own for the rest",
            );
        }
        if port.end_port.is_some() {
            let problem = format!("has `{field}` on a range of ports");
            findings.error(
                "l7-range",
                &problem,
                &path,
                "name each port, or use a flow of its own for the range",
            );
        }
    }
}

fn server_names(findings: &mut Findings<'_>) {
    let flow = &findings.wanted.flow;
    if !flow.http.is_empty() {
        findings.error(
            "tls-and-http",
            "has both `http` and `serverNames`, and what TLS hides has no visible requests",
            &["serverNames"],
            "keep `serverNames` for TLS and `http` for plain HTTP, in flows of their own",
        );
    }
    for name in &flow.server_names {
        let rest = name.strip_prefix("*.").unwrap_or(name);
        let valid = rest.contains('.')
            && rest.split('.').all(|label| {
                !label.is_empty()
                    && label
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            });
        if !valid {
            findings.error(
                "server-name",
                &format!("has the server name `{name}`, which is not a full DNS name"),
                &["serverNames"],
                "use a name such as `api.example.com` or `*.example.com`",
            );
        }
    }
}
