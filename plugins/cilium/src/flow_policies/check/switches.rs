//! Settings without which the agents refuse, or ignore, what a flow says. The
//! plugin switches them on where a flow needs them; the stack's own `values` may
//! have switched them off again.

use ztgit_plugin::cluster::{Authentication, Peer, Protocol};

use super::Findings;

pub(super) fn check(findings: &mut Findings<'_>) {
    let context = findings.context;
    let flow = &findings.wanted.flow;
    let is_labelled = |peer: &Peer| matches!(peer, Peer::Nodes { labels } if !labels.is_empty());
    for (end, peer) in [("from", &flow.from), ("to", &flow.to)] {
        if is_labelled(peer) && !context.is("nodeSelectorLabels", true) {
            off(findings, end, "nodes by their labels", "nodeSelectorLabels");
        }
        if matches!(peer, Peer::Fqdn(_)) && context.is("l7Proxy", false) {
            off(findings, end, "a DNS name", "l7Proxy");
        }
    }
    if flow
        .ports
        .iter()
        .any(|port| port.protocol == Protocol::Sctp)
        && !context.is("sctp.enabled", true)
    {
        off(findings, "ports", "SCTP", "sctp.enabled");
    }
    let looks_inside = !flow.http.is_empty() || !flow.server_names.is_empty();
    if looks_inside && context.is("l7Proxy", false) {
        let field = if flow.http.is_empty() {
            "serverNames"
        } else {
            "http"
        };
        off(findings, field, &format!("`{field}`"), "l7Proxy");
    }
    // Without it such a connection is not unauthenticated but refused.
    if flow.authentication == Authentication::Required
        && !context.is("authentication.enabled", true)
    {
        off(
            findings,
            "authentication",
            "authentication",
            "authentication.enabled",
        );
    }
}

fn off(findings: &mut Findings<'_>, field: &str, what: &str, key: &str) {
    findings.error(
        "switched-off",
        &format!("needs {what}, and `{key}` is off in the chart's values"),
        &[field],
        &format!("take `{key}` out of `values` in the config of cilium"),
    );
}
