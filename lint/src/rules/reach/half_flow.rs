//! A flow is allowed on one side and refused on the other.

use ztgit_plugin::Severity;
use ztgit_plugin::cluster::{Action, Cluster, Flow, FlowPort};
use ztgit_policy::reach::{Decision, Judge, Question};

use crate::finding::{Found, Place};
use crate::neighbourhood::{self, protocol, workload_name};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "half-flow",
    severity: Severity::Error,
    text: include_str!("half_flow.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let world = neighbourhood::world(subject);
    let judge = neighbourhood::judge(subject, &world);
    let flows = subject.cluster.flows.iter();
    flows
        .filter(|(_, flow)| flow.action == Action::Allow)
        .filter_map(|(name, flow)| {
            let (closed, open) = closed_side(subject.cluster, flow, &judge)?;
            Some(Found::new(
                format!("flows/{name}"),
                Place::cluster(["flows", name]),
                format!("the policies let it out and in on one side only: {open} allows it, {closed} refuses it"),
                "look for a policy of somebody else's that denies, or for one that is missing",
            ))
        })
        .collect()
}

/// The side that refuses, and the one that does not, at the first port where
/// they differ.
fn closed_side(
    cluster: &Cluster,
    flow: &Flow,
    judge: &Judge<'_>,
) -> Option<(&'static str, &'static str)> {
    let end = |peer: &ztgit_plugin::cluster::Peer| match peer {
        ztgit_plugin::cluster::Peer::Workload { namespace, name } => {
            cluster.namespaces.get(namespace)?.workloads.get(name)?;
            Some(workload_name(namespace, name))
        }
        _ => None,
    };
    let (from, to) = (end(&flow.from)?, end(&flow.to)?);
    flow.ports.iter().find_map(|port| {
        let verdict = judge.ask(&question(&from, &to, port))?;
        let refused = |decision: Decision| !decision.passes();
        match (
            refused(verdict.egress.decision),
            refused(verdict.ingress.decision),
        ) {
            (true, false) => Some(("egress of its origin", "ingress of its target")),
            (false, true) => Some(("ingress of its target", "egress of its origin")),
            _ => None,
        }
    })
}

fn question<'a>(from: &'a str, to: &'a str, port: &FlowPort) -> Question<'a> {
    Question {
        from,
        to,
        protocol: protocol(port.protocol),
        port: port.port,
        request: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, policy};

    fn with(objects: impl IntoIterator<Item = serde_json::Value>) -> Lint {
        let flow = json!({
            "from": {"workload": {"namespace": "my-app", "name": "frontend"}},
            "to": {"workload": {"namespace": "my-app", "name": "api"}},
            "ports": [{"port": 8080}]
        });
        let lint = Lint::homelab()
            .cluster(json!({"flows": null}))
            .cluster(json!({"flows": {"web-to-api": flow}}));
        objects.into_iter().fold(lint, Lint::object)
    }

    fn deny() -> serde_json::Value {
        policy(&json!({"endpointSelector": {}, "ingress": [{}], "egress": [{}]}))
    }

    fn incoming() -> serde_json::Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": {"app": "my-api"}},
            "ingress": [{"fromEndpoints": [{"matchLabels": {"app": "my-frontend"}}]}]
        }))
    }

    fn outgoing() -> serde_json::Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": {"app": "my-frontend"}},
            "egress": [{"toEndpoints": [{"matchLabels": {"app": "my-api"}}]}]
        }))
    }

    #[test]
    fn a_flow_that_only_its_target_allows_is_found() {
        with([deny(), incoming()]).finds(super::RULE, "flows/web-to-api");
    }

    #[test]
    fn a_flow_that_both_sides_allow_is_not() {
        with([deny(), incoming(), outgoing()]).passes(super::RULE);
    }
}
