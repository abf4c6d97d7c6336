//! Ports, and what is asked of the stream behind them.

use ztgit_plugin::cluster::{Action, FlowPort, HttpMatch, Protocol};

use super::Findings;

pub(super) fn check(findings: &mut Findings<'_>) {
    let flow = &findings.wanted.flow;
    for (index, port) in flow.ports.iter().enumerate() {
        range(index, *port, findings);
    }
    if !flow.http.is_empty() {
        proxied("http", findings);
        for (index, request) in flow.http.iter().enumerate() {
            http(index, request, findings);
        }
    }
    if !flow.server_names.is_empty() {
        proxied("serverNames", findings);
        server_names(findings);
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

fn http(index: usize, request: &HttpMatch, findings: &mut Findings<'_>) {
    let index = index.to_string();
    let path = ["http", index.as_str()];
    if *request == HttpMatch::default() {
        findings.error(
            "http-empty",
            "has an empty match under `http`, which would allow every request",
            &path,
            "say which method, path, host or headers, or leave `http` out",
        );
    }
    if let Some(method) = &request.method
        && (method.is_empty() || !method.chars().all(|c| c.is_ascii_uppercase() || c == '-'))
    {
        findings.error(
            "http-method",
            &format!("has the method `{method}`, which is not one in capitals"),
            &[path[0], path[1], "method"],
            "write one entry for each method, such as `GET`",
        );
    }
    if request.path.is_some() && request.path_regex.is_some() {
        findings.error(
            "http-path-twice",
            "has both `path` and `pathRegex`",
            &path,
            "keep one of the two; `path` is literal",
        );
    }
    if let Some(text) = &request.path
        && (!text.starts_with('/') || text.contains(['?', '#']))
    {
        findings.error(
            "http-path",
            &format!("has the path `{text}`, which is not an absolute path without query"),
            &[path[0], path[1], "path"],
            "begin with `/` and leave the query out: any query is admitted",
        );
    }
    for (field, text) in [("pathRegex", &request.path_regex), ("host", &request.host)] {
        if text.as_deref() == Some("") {
            let problem = format!("has an empty `{field}`, which would allow every request");
            findings.error(
                "http-empty",
                &problem,
                &[path[0], path[1], field],
                "leave the field out",
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
