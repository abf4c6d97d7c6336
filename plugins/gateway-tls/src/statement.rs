//! The facts: what the CNI, the host firewall and the host itself have to do
//! so that the Gateways are reached and reach what they serve.

use std::collections::{BTreeMap, BTreeSet};

use ztgit_plugin::Statement;
use ztgit_plugin::cluster::{Entity, Flow, FlowPort, Labels, Peer};
use ztgit_plugin::fact::{FlowFact, NamespaceFact};

use crate::flow::named;
use crate::gateway::Gateway;
use crate::plan::Plan;
use crate::reference::NamespacedName;
use crate::{access_log, cert_manager, controller, exposure};

/// cert-manager's label on the pods that answer challenges, and their port.
const SOLVER_LABEL: (&str, &str) = ("acme.cert-manager.io/http01-solver", "true");
const SOLVER_PORT: u16 = 8089;

/// Everything that is stated. What only holds for Cilium's Gateways is left out
/// for others: an open port that nobody listens on is a hole.
pub(crate) fn all(plan: &Plan<'_>) -> Statement {
    let mut statement = Statement::default();
    for namespace in namespaces(plan) {
        statement.cluster(&namespace);
    }
    for flow in cert_manager::flows(plan) {
        statement.cluster(&flow);
    }
    if controller::any_of_cilium(&plan.gateways) {
        statement.cluster(&exposure::cilium_values(plan));
        let nodes = || plan.cluster.nodes.keys().cloned();
        for port in exposure::host_ports(plan) {
            statement.nodes(nodes(), &port);
        }
        for flow in gateway_flows(plan) {
            statement.cluster(&flow);
        }
        if let Some(source) = plan.config.access_log.and_then(access_log::source) {
            statement.nodes(nodes(), &source);
        }
    }
    statement
}

/// cert-manager's namespace, the Gateways', and those of the hosts' routes,
/// each with the labels of the Gateways that its routes attach to.
fn namespaces(plan: &Plan<'_>) -> Vec<NamespaceFact> {
    let cert_manager = plan.config.cert_manager.namespace.as_str();
    let mut namespaces = BTreeMap::from([(cert_manager, Labels::new())]);
    let gateways = plan.gateways.iter();
    let own = gateways.map(|gateway| (gateway.namespace(), gateway));
    let routes = plan.sites.iter();
    let routes = routes.map(|site| (site.namespace, &site.gateway));
    for (namespace, gateway) in own.chain(routes) {
        let labels = namespaces.entry(namespace).or_default();
        labels.extend([gateway.access_label()]);
    }
    // Services of other namespaces, to which a grant goes.
    for backend in plan.sites.iter().flat_map(|site| site.traffic.backends()) {
        namespaces.entry(&backend.service.namespace).or_default();
    }
    let namespaces = namespaces.into_iter();
    namespaces
        .map(|(name, labels)| NamespaceFact {
            name: name.to_owned(),
            labels,
        })
        .collect()
}

/// From Cilium's Gateways to what answers: one flow for each workload, whatever
/// the number of hosts that lead to it, and one for the challenges of each
/// namespace.
fn gateway_flows(plan: &Plan<'_>) -> Vec<FlowFact> {
    let backends = reached(plan);
    let mut ports: BTreeMap<&NamespacedName, BTreeSet<u16>> = BTreeMap::new();
    for (workload, port) in &backends {
        ports.entry(workload).or_default().insert(*port);
    }
    let backends = ports.into_iter().map(|(workload, ports)| {
        let NamespacedName { namespace, name } = workload;
        let to = Peer::Workload {
            namespace: namespace.clone(),
            name: name.clone(),
        };
        from_gateway(format!("gateway-to-{namespace}--{name}"), to, ports)
    });
    backends.chain(solvers(plan)).collect()
}

/// Workloads and ports behind Cilium's Gateways.
fn reached(plan: &Plan<'_>) -> BTreeSet<(NamespacedName, u16)> {
    let sites = plan.of_cilium().flat_map(|gateway| plan.sites_of(gateway));
    sites
        .flat_map(|site| site.traffic.backends())
        .map(|backend| (backend.workload.clone(), backend.target_port))
        .collect()
}

/// Without an ACME account nothing answers challenges.
fn solvers(plan: &Plan<'_>) -> Vec<FlowFact> {
    if plan.config.email.is_none() {
        return Vec::new();
    }
    let default = plan.gateways[0].namespace();
    let namespaces: BTreeSet<&str> = plan.of_cilium().map(Gateway::namespace).collect();
    let namespaces = namespaces.into_iter();
    namespaces
        .map(|namespace| {
            let (key, value) = SOLVER_LABEL;
            let pods = Peer::Pods {
                namespace: namespace.to_owned(),
                labels: Labels::from([(key.to_owned(), value.to_owned())]),
            };
            let name = if namespace == default {
                "gateway-to-acme-solver".to_owned()
            } else {
                format!("gateway-to-acme-solver-{namespace}")
            };
            from_gateway(name, pods, [SOLVER_PORT])
        })
        .collect()
}

fn from_gateway(name: String, to: Peer, ports: impl IntoIterator<Item = u16>) -> FlowFact {
    let ports = ports.into_iter().map(FlowPort::tcp);
    named(name, Flow::allow(Peer::Entity(Entity::Gateway), to, ports))
}
