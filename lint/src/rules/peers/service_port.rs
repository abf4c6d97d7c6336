//! A rule has the port of a Service, where its pods listen on another.

use std::collections::BTreeSet;

use ztgit_plugin::Severity;
use ztgit_policy::model::{Direction, Matcher, PortMatch};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot::{self, Spot};
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "service-port",
    severity: Severity::Warning,
    text: include_str!("service_port.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let services = services(subject);
    if services.is_empty() {
        return Vec::new();
    }
    Direction::BOTH
        .into_iter()
        .flat_map(|direction| spot::ports(subject, direction))
        .flat_map(|(spot, rule)| rule.ports.iter().map(move |port| (spot, port)))
        .filter_map(|(spot, port)| {
            let Some(PortMatch::Range(number, last)) = port.matches() else {
                return None;
            };
            let (service, target) = mistaken(&spot, &services, number)?;
            (number == last).then(|| {
                spot.finding(
                    &port.pointer,
                    format!("{number} is the port of the Service `{service}`, whose pods listen on {target}"),
                    format!("use {target}: policies see the port behind the Service"),
                )
            })
        })
        .collect()
}

/// A Service, and the ports of the workload behind it.
struct Service<'s> {
    name: String,
    pod: String,
    /// What clients connect to, and what the container listens on.
    translated: Vec<(u16, u16)>,
    listens: BTreeSet<u16>,
    namespace: &'s str,
}

fn services<'s>(subject: &'s Subject<'_>) -> Vec<Service<'s>> {
    let namespaces = subject.cluster.namespaces.iter();
    namespaces
        .flat_map(|(namespace, declared)| {
            declared.services.iter().map(move |(name, service)| {
                let ports = service.ports.values();
                let translated: Vec<_> = ports.map(|port| (port.port, port.target_port)).collect();
                let workload = declared.workloads.get(&service.workload);
                let own = workload
                    .into_iter()
                    .flat_map(|workload| workload.ports.values());
                let targets = translated.iter().map(|(_, target)| *target);
                Service {
                    name: format!("{namespace}/{name}"),
                    pod: format!("{namespace}/{}", service.workload),
                    listens: targets.chain(own.map(|port| port.port)).collect(),
                    translated,
                    namespace,
                }
            })
        })
        .collect()
}

/// The Service whose port this is, and the port to use instead; nothing where any of
/// the pods concerned listens on it.
fn mistaken<'s>(
    spot: &Spot<'_>,
    services: &'s [Service<'_>],
    number: u16,
) -> Option<(&'s str, u16)> {
    let answering = answering(spot);
    let inventory = spot.of.subject.inventory();
    let concerned: Vec<_> = services
        .iter()
        .filter(|service| {
            answering.iter().any(|matcher| {
                let mut pods = inventory.selected(matcher, Some(service.namespace));
                pods.any(|pod| pod.name == service.pod)
            })
        })
        .collect();
    if concerned
        .iter()
        .any(|service| service.listens.contains(&number))
    {
        return None;
    }
    concerned.iter().find_map(|service| {
        let mut translated = service.translated.iter();
        let (_, target) = translated.find(|(port, _)| *port == number)?;
        Some((service.name.as_str(), *target))
    })
}

/// Who is connected to.
fn answering<'s>(spot: &Spot<'s>) -> Vec<&'s Matcher> {
    match spot.entry.direction {
        Direction::Ingress => spot.of.matchers.subject.iter().collect(),
        Direction::Egress => spot.matchers().collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Lint, POLICY, policy};

    fn cluster(policy: Value) -> Lint {
        Lint::homelab()
            .cluster(&json!({"namespaces": {"my-app": {"services": {"api": {
                "workload": "api",
                "ports": {"http": {"port": 80, "targetPort": 8080, "protocol": "TCP"}}
            }}}}}))
            .object(policy)
    }

    fn ingress(port: &str) -> Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": {"app": "my-api"}},
            "ingress": [{
                "fromEndpoints": [{"matchLabels": {"app": "my-frontend"}}],
                "toPorts": [{"ports": [{"port": port, "protocol": "TCP"}]}]
            }]
        }))
    }

    fn egress(peer: &Value) -> Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": {"app": "my-frontend"}},
            "egress": [{
                "toEndpoints": [peer],
                "toPorts": [{"ports": [{"port": "80", "protocol": "TCP"}]}]
            }]
        }))
    }

    #[test]
    fn the_port_of_a_service_is_found_on_either_side() {
        cluster(ingress("80")).finds(super::RULE, POLICY);
        cluster(egress(&json!({"matchLabels": {"app": "my-api"}}))).finds(super::RULE, POLICY);
    }

    #[test]
    fn the_port_of_its_pods_is_not() {
        cluster(ingress("8080")).passes(super::RULE);
    }

    #[test]
    fn the_port_of_others_is_not() {
        cluster(egress(&json!({"matchLabels": {"app": "my-frontend"}}))).passes(super::RULE);
        let outside = json!({"k8s:io.kubernetes.pod.namespace": "monitoring", "app": "grafana"});
        cluster(egress(&json!({ "matchLabels": outside }))).passes(super::RULE);
    }
}
