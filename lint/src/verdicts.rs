//! What all policies together say about a connection, and which rule isolates.

use std::collections::BTreeSet;

use ztgit_plugin::cluster::Labels;
use ztgit_policy::Policy;
use ztgit_policy::model::{
    Direction, LabelKey, LabelSet, PolicyKind, Port, PortMatch, Protocol, well_known,
};
use ztgit_policy::reach::{
    Decision, Endpoint, Judge, Question, Reason, RuleReference, Side, World,
};

use crate::finding::{Found, Place};
use crate::governed;
use crate::inventory::{SYSTEM, is_pod};
use crate::spot;
use crate::subject::Subject;

/// The pods of the cluster's DNS, in [`world`].
pub(crate) const DNS_SERVER: &str = "DNS server";
/// The API server.
pub(crate) const API_SERVER: &str = "API server";
/// The node.
pub(crate) const HOST: &str = "host";
/// Somebody outside.
pub(crate) const OUTSIDE: &str = "world";

/// A pod of which nothing is known.
pub(crate) const CLIENT: &str = "some pod";

/// Everybody whom policies isolate, the cluster's DNS, and what it talks to.
pub(crate) fn world(subject: &Subject<'_>) -> World {
    let mut world = World::default();
    let isolating = spot::rules(subject).filter(|rule| !rule.rule.isolates.is_empty());
    let pods = isolating.flat_map(|rule| governed::subjects(&rule));
    for (name, labels) in pods.filter(|(_, labels)| is_pod(labels) && !is_dns_server(labels)) {
        world.endpoints.insert(name, Endpoint::pod(labels));
    }
    let labels = [("k8s-app".to_owned(), "kube-dns".to_owned())].into();
    let server = subject.inventory().pod("kube-dns", SYSTEM, &labels, None);
    let client = subject
        .inventory()
        .pod(CLIENT, "some-namespace", &Labels::new(), None);
    let address = [192, 0, 2, 1].into();
    world.endpoints.extend([
        (DNS_SERVER.to_owned(), Endpoint::pod(server.labels)),
        (CLIENT.to_owned(), Endpoint::pod(client.labels)),
        (API_SERVER.to_owned(), Endpoint::kube_apiserver()),
        (HOST.to_owned(), Endpoint::host()),
        (OUTSIDE.to_owned(), Endpoint::world(address)),
    ]);
    world
}

fn is_dns_server(labels: &LabelSet) -> bool {
    let is = |key: &str, value| labels.get(&LabelKey::k8s(key)) == Some(value);
    is("k8s-app", "kube-dns") && is(well_known::NAMESPACE, SYSTEM)
}

/// The pods that policies isolate, in a world.
pub(crate) fn pods(world: &World) -> impl Iterator<Item = &str> {
    let fixed = [DNS_SERVER, CLIENT, API_SERVER, HOST, OUTSIDE];
    let names = world.endpoints.keys().map(String::as_str);
    names.filter(move |name| !fixed.contains(name))
}

/// The policies that matter to connections to some ports, about a world.
pub(crate) fn judge<'w>(subject: &Subject<'_>, world: &'w World, ports: &[u16]) -> Judge<'w> {
    let policies = subject.policies.iter().map(|(_, policy)| policy);
    let concerned = policies.filter(|policy| concerns(policy, ports));
    Judge::new(world, concerned, &crate::agent::of(subject))
}

/// Whether a policy isolates anybody, or speaks about one of the ports.
fn concerns(policy: &Policy, ports: &[u16]) -> bool {
    let covers = |port: &Port| match port.matches() {
        Some(PortMatch::Range(first, last)) => {
            ports.iter().any(|number| (first..=last).contains(number))
        }
        Some(PortMatch::All | PortMatch::Named(_)) => true,
        None => false,
    };
    policy.rules.iter().any(|rule| {
        let mut entries = rule.entries.iter();
        !rule.isolates.is_empty()
            || entries.any(|entry| {
                let mut ports = entry.ports.iter().flat_map(|rule| &rule.ports);
                !entry.names_ports() || ports.any(covers)
            })
    })
}

/// Asks for a connection to a port; nothing where an end is unknown.
pub(crate) fn side(
    judge: &Judge<'_>,
    direction: Direction,
    ends: (&str, &str),
    (protocol, port): (Protocol, u16),
) -> Option<Side> {
    let verdict = judge.ask(&Question {
        from: ends.0,
        to: ends.1,
        protocol,
        port,
        request: None,
    })?;
    Some(verdict.side(direction).clone())
}

/// The rules whose default deny refuses; none where it passes, or where a rule
/// refuses on purpose.
pub(crate) fn isolated_by(side: &Side) -> BTreeSet<RuleReference> {
    if side.decision != Decision::Denied {
        return BTreeSet::new();
    }
    let reasons = side.reasons.iter();
    reasons
        .filter_map(|reason| match reason {
            Reason::DefaultDeny(rule) => Some(rule.clone()),
            _ => None,
        })
        .collect()
}

/// A finding at a rule.
pub(crate) fn finding(
    subject: &Subject<'_>,
    rule: &RuleReference,
    message: String,
    hint: &str,
) -> Option<Found> {
    let same = |kind: PolicyKind, namespace: &Option<String>, name: &str| {
        kind == rule.kind && *namespace == rule.namespace && name == rule.name
    };
    let (index, _) = subject
        .policies
        .iter()
        .find(|(_, policy)| same(policy.kind, &policy.namespace, &policy.name))?;
    let place = Place::Object(*index, rule.pointer.as_str().to_owned());
    Some(Found::new(
        subject.object(*index).id(),
        place,
        message,
        hint,
    ))
}
