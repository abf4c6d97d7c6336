//! DNS is let through over one transport only.

use ztgit_plugin::Severity;
use ztgit_policy::model::{Direction, Entry, PortMatch, PortRule, Protocol};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "dns-one-transport",
    severity: Severity::Error,
    text: include_str!("one_transport.md"),
    find,
};

const DNS: u16 = 53;

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::ports(subject, Direction::Egress)
        .filter_map(|(spot, ports)| {
            let (present, missing) = match transports(spot.entry) {
                (true, false) => ("UDP", "TCP"),
                (false, true) => ("TCP", "UDP"),
                _ => return None,
            };
            opens_dns(ports).then(|| {
                spot.finding(
                    &ports.pointer,
                    format!("port 53 is open over {present} and not over {missing}"),
                    "use the protocol `ANY`, or list port 53 for both: long answers come over TCP",
                )
            })
        })
        .collect()
}

/// Whether port 53 is named over UDP, and over TCP, anywhere in the rule.
fn transports(entry: &Entry) -> (bool, bool) {
    let over = |protocol: Protocol| {
        let mut ports = entry.ports.iter().flat_map(|rule| &rule.ports);
        ports.any(|port| {
            port.matches() == Some(PortMatch::Range(DNS, DNS))
                && port.protocol().is_some_and(|found| found.covers(protocol))
        })
    };
    (over(Protocol::Udp), over(Protocol::Tcp))
}

fn opens_dns(ports: &PortRule) -> bool {
    let dns = Some(PortMatch::Range(DNS, DNS));
    ports.ports.iter().any(|port| port.matches() == dns)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn lookup(ports: &serde_json::Value) -> serde_json::Value {
        policy(&json!({
            "endpointSelector": {},
            "egress": [{
                "toEndpoints": [{"matchLabels": {"k8s:k8s-app": "kube-dns"}}],
                "toPorts": [{"ports": ports}]
            }]
        }))
    }

    #[test]
    fn dns_over_udp_alone_is_found() {
        Lint::homelab()
            .object(lookup(&json!([{"port": "53", "protocol": "UDP"}])))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn dns_over_both_is_not() {
        Lint::homelab()
            .object(lookup(
                &json!([{"port": "53", "protocol": "UDP"}, {"port": "53", "protocol": "TCP"}]),
            ))
            .object(lookup(&json!([{"port": "53", "protocol": "ANY"}])))
            .passes(super::RULE);
    }
}
