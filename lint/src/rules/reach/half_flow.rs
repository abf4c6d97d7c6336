//! A flow is allowed on one side and refused on the other.

use std::collections::BTreeSet;

use ztgit_plugin::Severity;
use ztgit_plugin::cluster::{self, Cluster, Flow, FlowPort, Peer};
use ztgit_policy::model::{
    self as model, Action, Direction, PeerSelector, PortMatch, Protocol, Scope,
};
use ztgit_policy::reach::Verdict;

use crate::finding::{Found, Place};
use crate::neighbourhood::workload_name;
use crate::rule::Rule;
use crate::spot::{self, Spot};
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "half-flow",
    severity: Severity::Error,
    text: include_str!("half_flow.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut declared = BTreeSet::new();
    for (name, flow) in &subject.cluster.flows {
        let Some(ends) = ends(subject.cluster, flow) else {
            continue;
        };
        found.extend(half_declared(subject, name, flow, &ends));
        declared.insert(ends);
    }
    let written = spot::entries(subject);
    found.extend(written.filter_map(|spot| half_written(&spot, &declared)));
    found
}

/// Who opens, and who answers.
type Ends = (String, String);

/// The workloads at both ends of a flow that is allowed.
fn ends(cluster: &Cluster, flow: &Flow) -> Option<Ends> {
    let end = |peer: &Peer| match peer {
        Peer::Workload { namespace, name } => {
            cluster.namespaces.get(namespace)?.workloads.get(name)?;
            Some(workload_name(namespace, name))
        }
        _ => None,
    };
    let ends = (end(&flow.from)?, end(&flow.to)?);
    (flow.action == cluster::Action::Allow).then_some(ends)
}

/// A declared flow that gets past one side, at the first such port.
fn half_declared(
    subject: &Subject<'_>,
    name: &str,
    flow: &Flow,
    (from, to): &Ends,
) -> Option<Found> {
    let neighbourhood = subject.neighbourhood();
    let closed = flow.ports.iter().find_map(|port| {
        let asked = neighbourhood.ask((from, to), (protocol(*port), port.port))?;
        closed_side(&asked)
    })?;
    let (closed, open) = match closed {
        Direction::Egress => ("egress of its origin", "ingress of its target"),
        Direction::Ingress => ("ingress of its target", "egress of its origin"),
    };
    Some(Found::new(
        format!("flows/{name}"),
        Place::cluster(["flows", name]),
        format!(
            "the policies let it out and in on one side only: {open} allows it, {closed} refuses it"
        ),
        "look for a policy of somebody else's that denies, or for one that is missing",
    ))
}

fn protocol(port: FlowPort) -> Protocol {
    match port.protocol {
        cluster::Protocol::Tcp => Protocol::Tcp,
        cluster::Protocol::Udp => Protocol::Udp,
        cluster::Protocol::Sctp => Protocol::Sctp,
    }
}

/// The side that refuses where the other does not.
fn closed_side(asked: &Verdict) -> Option<Direction> {
    match (
        asked.egress.decision.passes(),
        asked.ingress.decision.passes(),
    ) {
        (false, true) => Some(Direction::Egress),
        (true, false) => Some(Direction::Ingress),
        _ => None,
    }
}

/// An item of a policy that lets pods connect, none of whom gets past the other side.
/// It speaks where all pods at the other side are known, and for single ports only:
/// of a range the other side may allow another part.
fn half_written(spot: &Spot<'_>, declared: &BTreeSet<Ends>) -> Option<Found> {
    let neighbourhood = spot.of.subject.neighbourhood();
    let direction = spot.entry.direction;
    let ports = single_ports(spot)?;
    let mut halves = Vec::new();
    for (from, to) in pairs(spot)? {
        for port in &ports {
            let asked = neighbourhood.ask((from, to), *port)?;
            if closed_side(&asked)? == direction {
                return None;
            }
        }
        halves.push((from.to_owned(), to.to_owned()));
    }
    halves.retain(|ends| !declared.contains(ends));
    let (from, to) = halves.first()?;
    let (closed, of) = match direction {
        Direction::Ingress => ("egress", from),
        Direction::Egress => ("ingress", to),
    };
    Some(spot.finding(
        &spot.entry.pointer,
        format!("lets `{from}` connect to `{to}`, and nothing allows it in the {closed} of `{of}`"),
        "declare a flow, which becomes both halves, or write the other one",
    ))
}

/// The ports of an item that allows single ports alone.
fn single_ports(spot: &Spot<'_>) -> Option<Vec<(Protocol, u16)>> {
    if spot.entry.action != Action::Allow || spot.entry.ports.is_empty() {
        return None;
    }
    let mut single = Vec::new();
    for port in spot.entry.ports.iter().flat_map(|rule| &rule.ports) {
        let Some(PortMatch::Range(number, last)) = port.matches() else {
            return None;
        };
        if number != last {
            return None;
        }
        let protocols = match port.protocol()? {
            Protocol::Any => vec![Protocol::Tcp, Protocol::Udp, Protocol::Sctp],
            one => vec![one],
        };
        single.extend(protocols.into_iter().map(|protocol| (protocol, number)));
    }
    Some(single)
}

/// Everybody whom an item connects; nothing where not all of them are known.
fn pairs<'s>(spot: &Spot<'s>) -> Option<Vec<(&'s str, &'s str)>> {
    let inventory = spot.of.subject.inventory();
    let of_pods = |(peer, _): (&model::Peer, _)| {
        matches!(
            peer.selector,
            PeerSelector::Endpoints(_) | PeerSelector::Pods { .. }
        )
    };
    if !matches!(spot.entry.scope(), Scope::Peers(_)) || !spot.peers().all(of_pods) {
        return None;
    }
    let others: Vec<_> = spot
        .matchers()
        .flat_map(|matcher| inventory.selected(matcher, None))
        .collect();
    if !others
        .iter()
        .all(|pod| inventory.is_complete(&pod.namespace))
    {
        return None;
    }
    let subjects = spot.of.matchers.subject.as_ref()?;
    let subjects = inventory.selected(subjects, spot.of.policy.namespace.as_deref());
    let pairs = subjects.flat_map(|own| {
        let others = others.iter().filter(|other| other.name != own.name);
        others.map(|other| match spot.entry.direction {
            Direction::Ingress => (&*other.name, &*own.name),
            Direction::Egress => (&*own.name, &*other.name),
        })
    });
    Some(pairs.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Lint, POLICY, policy};

    fn with(objects: impl IntoIterator<Item = Value>) -> Lint {
        let flow = json!({
            "from": {"workload": {"namespace": "my-app", "name": "frontend"}},
            "to": {"workload": {"namespace": "my-app", "name": "api"}},
            "ports": [{"port": 8080}]
        });
        let lint = without_flows(objects);
        lint.cluster(&json!({"flows": {"web-to-api": flow}}))
    }

    fn without_flows(objects: impl IntoIterator<Item = Value>) -> Lint {
        let lint = Lint::homelab().cluster(&json!({"flows": null}));
        objects.into_iter().fold(lint, Lint::object)
    }

    fn deny() -> Value {
        policy(&json!({"endpointSelector": {}, "ingress": [{}], "egress": [{}]}))
    }

    fn incoming(port: &str) -> Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": {"app": "my-api"}},
            "ingress": [{
                "fromEndpoints": [{"matchLabels": {"app": "my-frontend"}}],
                "toPorts": [{"ports": [{"port": port}]}]
            }]
        }))
    }

    fn outgoing() -> Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": {"app": "my-frontend"}},
            "egress": [{
                "toEndpoints": [{"matchLabels": {"app": "my-api"}}],
                "toPorts": [{"ports": [{"port": "8080"}]}]
            }]
        }))
    }

    #[test]
    fn a_flow_that_only_its_target_allows_is_found() {
        with([deny(), incoming("8080")]).finds(super::RULE, "flows/web-to-api");
    }

    #[test]
    fn a_flow_that_both_sides_allow_is_not() {
        with([deny(), incoming("8080"), outgoing()]).passes(super::RULE);
    }

    #[test]
    fn half_of_a_connection_by_hand_is_found_at_either_end() {
        without_flows([deny(), incoming("8080")]).finds(super::RULE, POLICY);
        without_flows([deny(), outgoing()]).finds(super::RULE, POLICY);
    }

    #[test]
    fn two_halves_for_different_ports_make_no_whole() {
        without_flows([deny(), incoming("8081"), outgoing()]).finds(super::RULE, POLICY);
    }

    #[test]
    fn both_halves_by_hand_are_fine() {
        without_flows([deny(), incoming("8080"), outgoing()]).passes(super::RULE);
    }

    #[test]
    fn one_half_is_enough_where_nothing_denies_the_other() {
        without_flows([incoming("8080")]).passes(super::RULE);
    }
}
