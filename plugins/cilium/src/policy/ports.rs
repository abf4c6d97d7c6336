//! The `toPorts` and `icmps` of a rule.

use serde_json::{Map, Value, json};
use ztgit_plugin::cluster::{Flow, FlowPort, Icmp, IpFamily};

use super::http;

/// Agents refuse a list of more ports, or of more messages, than this.
const LONGEST_LIST: usize = 40;

/// Ports and what is asked of the stream; nothing where all ports are meant.
///
/// What is asked stands beside every port, so that no port is left open
/// without it.
pub(crate) fn of_flow(flow: &Flow) -> Option<Value> {
    let rules: Vec<Value> = flow
        .ports
        .chunks(LONGEST_LIST)
        .map(|ports| {
            let mut rule = Map::new();
            rule.insert("ports".to_owned(), list(ports));
            if !flow.http.is_empty() {
                let requests: Vec<Value> = flow.http.iter().map(http::rule).collect();
                rule.insert("rules".to_owned(), json!({ "http": requests }));
            }
            if !flow.server_names.is_empty() {
                rule.insert("serverNames".to_owned(), json!(flow.server_names));
            }
            Value::Object(rule)
        })
        .collect();
    (!rules.is_empty()).then_some(Value::Array(rules))
}

/// Plain ports.
pub(crate) fn plain(ports: &[FlowPort]) -> Value {
    json!([{ "ports": list(ports) }])
}

/// Ports as Cilium writes them: the number as text.
pub(crate) fn list(ports: &[FlowPort]) -> Value {
    ports
        .iter()
        .map(|port| {
            let mut entry =
                json!({"port": port.port.to_string(), "protocol": port.protocol.name()});
            if let Some(end) = port.end_port {
                entry["endPort"] = end.into();
            }
            entry
        })
        .collect()
}

/// Messages, in lists of what an agent takes.
pub(crate) fn messages(icmp: &[Icmp]) -> Value {
    icmp.chunks(LONGEST_LIST)
        .map(|messages| {
            let fields: Vec<Value> = messages.iter().copied().map(message).collect();
            json!({ "fields": fields })
        })
        .collect()
}

fn message(icmp: Icmp) -> Value {
    let family = match icmp.family {
        IpFamily::IPv4 => "IPv4",
        IpFamily::IPv6 => "IPv6",
    };
    json!({"family": family, "type": icmp.message_type})
}
