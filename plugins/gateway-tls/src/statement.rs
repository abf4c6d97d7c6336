//! The facts: what the CNI, the host firewall and the host itself have to do
//! so that the Gateway is reached and reaches what it serves.

use std::collections::{BTreeMap, BTreeSet};

use ztgit_plugin::cluster::{Entity, FlowPort, Labels, Peer};
use ztgit_plugin::fact::{FlowFact, NamespaceFact};
use ztgit_plugin::{Cluster, Statement};

use crate::config::Config;
use crate::controller::Controller;
use crate::flow::{allow, named};
use crate::gateway::ACCESS_LABEL;
use crate::reference::NamespacedName;
use crate::site::Site;
use crate::{cert_manager, exposure};

/// cert-manager's label on the pods that answer challenges, and their port.
const SOLVER_LABEL: (&str, &str) = ("acme.cert-manager.io/http01-solver", "true");
const SOLVER_PORT: u16 = 8089;

/// Everything that is stated. What only holds for Cilium's Gateways is left out
/// for others: an open port that nobody listens on is a hole.
pub(crate) fn all(cluster: &Cluster, config: &Config, sites: &[Site<'_>]) -> Statement {
    let mut statement = Statement::default();
    for namespace in namespaces(config, sites) {
        statement.cluster(&namespace);
    }
    for flow in cert_manager::flows(config, sites) {
        statement.cluster(&flow);
    }
    if Controller::of(config) == Controller::Cilium {
        statement.cluster(&exposure::cilium_values(&config.exposure));
        for port in exposure::host_ports(&config.exposure) {
            statement.nodes(cluster.nodes.keys().cloned(), &port);
        }
        for flow in gateway_flows(config, sites) {
            statement.cluster(&flow);
        }
    }
    statement
}

/// cert-manager's namespace, the Gateway's, and those of the hosts' routes.
fn namespaces(config: &Config, sites: &[Site<'_>]) -> Vec<NamespaceFact> {
    let (key, value) = ACCESS_LABEL;
    let access = Labels::from([(key.to_owned(), value.to_owned())]);
    let mut namespaces = BTreeMap::from([(cert_manager::NAMESPACE, Labels::new())]);
    namespaces.insert(config.gateway.namespace.as_str(), access.clone());
    for site in sites {
        namespaces.insert(&site.service.namespace, access.clone());
    }
    namespaces
        .into_iter()
        .map(|(name, labels)| NamespaceFact {
            name: name.to_owned(),
            labels,
        })
        .collect()
}

/// From the Gateway to what answers: one flow for each workload, whatever the
/// number of hosts that lead to it, and one for the challenges.
fn gateway_flows(config: &Config, sites: &[Site<'_>]) -> Vec<FlowFact> {
    let mut ports: BTreeMap<&NamespacedName, BTreeSet<u16>> = BTreeMap::new();
    for site in sites {
        ports
            .entry(site.workload)
            .or_default()
            .insert(site.target_port);
    }
    let backends = ports.into_iter().map(|(workload, ports)| {
        let NamespacedName { namespace, name } = workload;
        let to = Peer::Workload {
            namespace: namespace.clone(),
            name: name.clone(),
        };
        from_gateway(format!("gateway-to-{namespace}--{name}"), to, ports)
    });
    backends.chain([solver(config)]).collect()
}

fn solver(config: &Config) -> FlowFact {
    let (key, value) = SOLVER_LABEL;
    let pods = Peer::Pods {
        namespace: config.gateway.namespace.clone(),
        labels: Labels::from([(key.to_owned(), value.to_owned())]),
    };
    from_gateway("gateway-to-acme-solver".to_owned(), pods, [SOLVER_PORT])
}

fn from_gateway(name: String, to: Peer, ports: impl IntoIterator<Item = u16>) -> FlowFact {
    let ports = ports.into_iter().map(FlowPort::tcp);
    named(name, allow(Peer::Entity(Entity::Gateway), to, ports))
}
