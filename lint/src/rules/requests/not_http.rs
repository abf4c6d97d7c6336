//! Requests are to be looked at on a port that does not speak HTTP in the clear.

use ztgit_plugin::Severity;
use ztgit_policy::model::{Direction, PortMatch};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "l7-not-http",
    severity: Severity::Warning,
    text: include_str!("not_http.md"),
    find,
};

/// Ports whose protocol is known, and is not HTTP in the clear.
const OTHERS: [(u16, &str); 12] = [
    (22, "SSH"),
    (25, "SMTP"),
    (443, "TLS"),
    (1433, "SQL Server"),
    (3306, "MySQL"),
    (5432, "PostgreSQL"),
    (5672, "AMQP"),
    (6379, "Redis"),
    (6443, "TLS"),
    (8443, "TLS"),
    (9092, "Kafka"),
    (27017, "MongoDB"),
];

fn find(subject: &Subject<'_>) -> Vec<Found> {
    Direction::BOTH
        .into_iter()
        .flat_map(|direction| spot::ports(subject, direction))
        .filter(|(_, rule)| {
            rule.terminating_tls.is_none() && rule.l7.as_ref().is_some_and(|l7| !l7.http().is_empty())
        })
        .flat_map(|(spot, rule)| rule.ports.iter().map(move |port| (spot, port)))
        .filter_map(|(spot, port)| {
            let PortMatch::Range(first, last) = port.matches()? else {
                return None;
            };
            let (number, speaks) = OTHERS.into_iter().find(|(n, _)| first == *n && last == *n)?;
            Some(spot.finding(
                &port.pointer,
                format!("HTTP rules on port {number}, which mostly speaks {speaks}"),
                "inside TLS no request is seen: use `serverNames`; leave `rules` out for other protocols",
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn requests(port: &str) -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "ingress": [{
            "fromEndpoints": [{}],
            "toPorts": [{
                "ports": [{"port": port, "protocol": "TCP"}],
                "rules": {"http": [{"method": "GET"}]}
            }]
        }]}))
    }

    #[test]
    fn http_rules_on_tls_and_on_a_database_are_found() {
        Lint::homelab()
            .object(requests("443"))
            .finds(super::RULE, POLICY);
        Lint::homelab()
            .object(requests("5432"))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn http_rules_on_another_port_are_not() {
        Lint::homelab().object(requests("8080")).passes(super::RULE);
    }
}
