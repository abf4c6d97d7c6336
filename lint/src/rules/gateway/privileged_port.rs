//! Envoy is to listen on a port that it may not bind.

use serde_json::Value;
use ztgit_plugin::Severity;

use super::is_on;
use crate::finding::{Found, Place};
use crate::gateway::{Gateway, Listener, of_cilium};
use crate::json::list;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "privileged-port",
    severity: Severity::Error,
    text: include_str!("privileged_port.md"),
    find,
};

const CAPABILITY: &str = "NET_BIND_SERVICE";

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let Some((index, values)) = subject.cilium_values() else {
        return Vec::new();
    };
    let on_nodes = is_on(values, "/gatewayAPI/hostNetwork/enabled");
    let ports = of_cilium(subject).flat_map(Gateway::listeners);
    let ports = ports.map(Listener::port).filter(|port| *port < 1024);
    let Some(port) = ports.min().filter(|_| on_nodes && !may_bind(values)) else {
        return Vec::new();
    };
    vec![Found::new(
        subject.object(index).id(),
        Place::Object(index, "/spec/values/envoy".to_owned()),
        format!("Envoy may not listen on port {port} of the nodes without `{CAPABILITY}`"),
        format!(
            "set `keepCapNetBindService: true` under `envoy.securityContext.capabilities`, and add \
             `{CAPABILITY}` to the chart's own list `envoy` there"
        ),
    )]
}

/// The container has the capability, and its process keeps it.
fn may_bind(values: &Value) -> bool {
    let embedded = values.pointer("/envoy/enabled") == Some(&Value::Bool(false));
    let list_at = if embedded {
        "/securityContext/capabilities/ciliumAgent"
    } else {
        "/envoy/securityContext/capabilities/envoy"
    };
    let mut capabilities = list(values, list_at).iter();
    capabilities.any(|capability| capability == CAPABILITY)
        && is_on(
            values,
            "/envoy/securityContext/capabilities/keepCapNetBindService",
        )
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixtures::{RELEASE, gateway, http, release};
    use crate::testing::Lint;

    fn with(capabilities: &Value, port: u16) -> Lint {
        let values = json!({
            "gatewayAPI": {"enabled": true, "hostNetwork": {"enabled": true}},
            "envoy": {"securityContext": {"capabilities": capabilities}}
        });
        let mut listener = http();
        listener["port"] = port.into();
        let lint = Lint::homelab().object(release(&values));
        lint.object(gateway(&[listener]))
    }

    #[test]
    fn half_of_what_is_needed_is_found() {
        with(&json!({}), 80).finds(super::RULE, RELEASE);
        with(&json!({"keepCapNetBindService": true}), 80).finds(super::RULE, RELEASE);
        with(&json!({"envoy": ["NET_ADMIN", "NET_BIND_SERVICE"]}), 80).finds(super::RULE, RELEASE);
    }

    #[test]
    fn with_both_it_is_fine() {
        let both =
            json!({"keepCapNetBindService": true, "envoy": ["NET_ADMIN", "NET_BIND_SERVICE"]});
        with(&both, 80).passes(super::RULE);
    }

    #[test]
    fn a_high_port_needs_neither() {
        with(&json!({}), 8080).passes(super::RULE);
    }
}
