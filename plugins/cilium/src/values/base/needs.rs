//! What flows and workloads need the agents to be told.

use serde_json::{Map, Value, json};
use ztgit_plugin::cluster::{Authentication, Flow, Peer, Protocol, Resolver};
use ztgit_plugin::fact::FlowFact;
use ztgit_plugin::{Cluster, Diagnostic, Facts};

use crate::release::Line;

/// Settings that are off unless something in the stack needs them.
#[derive(Debug, Default)]
pub(super) struct Needs {
    sctp: bool,
    node_labels: bool,
    musl: bool,
    authentication: Option<Place>,
}

/// Where the first flow stands that has to be authenticated.
#[derive(Debug)]
enum Place {
    Flow(String),
    Fact(usize),
}

impl Needs {
    pub(super) fn of(cluster: &Cluster, facts: &Facts) -> Self {
        let mut workloads = cluster
            .namespaces
            .values()
            .flat_map(|n| n.workloads.values());
        let mut needs = Self {
            musl: workloads.any(|workload| workload.resolver == Resolver::Musl),
            ..Self::default()
        };
        for (name, flow) in &cluster.flows {
            needs.add(flow, || Place::Flow(name.clone()));
        }
        for fact in facts.of::<FlowFact>() {
            needs.add(&fact.value.flow, || Place::Fact(fact.index));
        }
        needs
    }

    fn add(&mut self, flow: &Flow, place: impl FnOnce() -> Place) {
        self.sctp |= flow
            .ports
            .iter()
            .any(|port| port.protocol == Protocol::Sctp);
        self.node_labels |= [&flow.from, &flow.to]
            .iter()
            .any(|peer| matches!(peer, Peer::Nodes { labels } if !labels.is_empty()));
        if flow.authentication == Authentication::Required && self.authentication.is_none() {
            self.authentication = Some(place());
        }
    }

    pub(super) fn values(&self) -> Value {
        let mut values = Map::new();
        if self.sctp {
            // Otherwise agents refuse policies that name it.
            values.insert("sctp".to_owned(), json!({"enabled": true}));
        }
        if self.node_labels {
            // Otherwise nodes have no labels to select them by.
            values.insert("nodeSelectorLabels".to_owned(), json!(true));
        }
        if self.musl {
            // A refused look-up ends musl's search of its list; a name that
            // does not exist lets it go on.
            let answer = json!({"dnsRejectResponseCode": "nameError"});
            values.insert("dnsProxy".to_owned(), answer);
        }
        if self.authentication.is_some() {
            // Without, every connection that has to be authenticated is
            // refused.
            let spire = json!({"enabled": true, "mutual": {"spire": {"enabled": true}}});
            values.insert("authentication".to_owned(), spire);
        }
        Value::Object(values)
    }

    /// That mutual authentication has no future.
    pub(super) fn authentication_is_going(&self, line: Line) -> Option<Diagnostic> {
        let place = self.authentication.as_ref()?;
        let message = match line {
            Line::V1_19 => {
                "mutual authentication is deprecated from cilium 1.20 on and gone in 1.21"
            }
            Line::V1_20 => "mutual authentication is deprecated in cilium 1.20 and gone in 1.21",
        };
        let warning = Diagnostic::warning("authentication-deprecated", message)
            .hint("leave `authentication` out: identities and encryption do not depend on it")
            .hint("it installs SPIRE in the namespace `cilium-spire`, which needs a volume");
        Some(match place {
            Place::Flow(name) => warning.at_cluster(["flows", name, "authentication"]),
            Place::Fact(index) => warning.at_fact(*index),
        })
    }
}
