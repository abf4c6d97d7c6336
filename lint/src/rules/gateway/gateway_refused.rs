//! What a route leads to refuses the Gateway.

use ztgit_plugin::Severity;
use ztgit_plugin::cluster::Protocol as Transport;
use ztgit_policy::model::Protocol;

use crate::finding::Found;
use crate::gateway::attachment::Attachments;
use crate::gateway::of_cilium;
use crate::gateway::route::Backend;
use crate::neighbourhood::{GATEWAY, Neighbourhood, workload_name};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "gateway-refused",
    severity: Severity::Error,
    text: include_str!("gateway_refused.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let of_cilium: Vec<_> = of_cilium(subject)
        .map(|gateway| gateway.spot.index)
        .collect();
    if subject.policies.is_empty() || of_cilium.is_empty() {
        return Vec::new();
    }
    let neighbourhood = subject.neighbourhood();
    let attachments = Attachments::of(subject);
    let mut found = Vec::new();
    for (route, listeners) in attachments.routes() {
        let mut gateways = listeners.iter().map(|listener| listener.gateway.spot.index);
        if !gateways.any(|gateway| of_cilium.contains(&gateway)) {
            continue;
        }
        for backend in route.backends() {
            let ends = ends(subject, &backend);
            if ends.is_empty()
                || ends
                    .iter()
                    .any(|end| passes(neighbourhood, backend.namespace, end))
            {
                continue;
            }
            let message = format!(
                "policies refuse the Gateway what `{}/{}` leads to",
                backend.namespace, backend.name
            );
            let hint = "add a flow from `{entity: gateway}` to the workload and its port";
            found.push(route.spot.finding(&backend.pointer, message, hint));
        }
    }
    found
}

/// A workload and its port.
type End<'s> = (&'s str, u16);

/// What a Service leads to; where the stack does not know the Service, every
/// workload of its namespace.
fn ends<'s>(subject: &'s Subject<'_>, backend: &Backend<'_>) -> Vec<End<'s>> {
    let Some(namespace) = subject.cluster.namespaces.get(backend.namespace) else {
        return Vec::new();
    };
    if let Some(service) = namespace.services.get(backend.name) {
        let mut ports = service.ports.values();
        let port = ports.find(|port| Some(port.port) == backend.port);
        let end = port.map(|port| (service.workload.as_str(), port.target_port));
        return end.into_iter().collect();
    }
    let workloads = namespace.workloads.iter();
    workloads
        .flat_map(|(name, workload)| {
            let ports = workload.ports.values();
            let ports = ports.filter(|port| port.protocol == Transport::Tcp);
            ports.map(|port| (name.as_str(), port.port))
        })
        .collect()
}

fn passes(neighbourhood: &Neighbourhood, namespace: &str, (workload, port): &End<'_>) -> bool {
    let to = workload_name(namespace, workload);
    let verdict = neighbourhood.ask((GATEWAY, &to), (Protocol::Tcp, *port));
    verdict.is_none_or(|verdict| verdict.is_allowed())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixtures::{HOST, ROUTE, access, gateway, https, route};
    use crate::testing::{Lint, policy};

    fn with(rules: &[Value]) -> Lint {
        let deny = policy(&json!({"endpointSelector": {}, "ingress": [{}]}));
        let lint = Lint::homelab().cluster(&access()).object(deny);
        let lint = lint.object(gateway(&[https(HOST)])).object(route("https"));
        let allow =
            json!({"endpointSelector": {"matchLabels": {"app": "my-frontend"}}, "ingress": rules});
        lint.object(policy(&allow))
    }

    fn from_gateway(port: &str) -> Value {
        json!({"fromEntities": ["ingress"], "toPorts": [{"ports": [{"port": port, "protocol": "TCP"}]}]})
    }

    /// The Service of the route, in front of the frontend.
    fn service() -> Value {
        json!({"namespaces": {"my-app": {"services": {"app-svc": {
            "workload": "frontend",
            "ports": {"http": {"port": 80, "targetPort": 8080, "protocol": "TCP"}}
        }}}}})
    }

    #[test]
    fn a_namespace_that_admits_no_gateway_is_found() {
        with(&[json!({"fromEndpoints": [{}]})]).finds(super::RULE, ROUTE);
    }

    #[test]
    fn a_workload_that_admits_it_is_fine() {
        with(&[from_gateway("8080")]).passes(super::RULE);
        with(&[from_gateway("8080")])
            .cluster(&service())
            .passes(super::RULE);
    }

    #[test]
    fn another_port_than_the_service_leads_to_is_found() {
        with(&[from_gateway("80")])
            .cluster(&service())
            .finds(super::RULE, ROUTE);
    }
}
