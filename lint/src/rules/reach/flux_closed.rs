//! Flux is under a default deny that keeps it from fetching or applying.

use ztgit_plugin::Severity;
use ztgit_policy::model::Protocol;
use ztgit_policy::reach::Question;

use crate::finding::{Found, Place};
use crate::neighbourhood::{self, API_SERVER, FLEET_HOST, fleet_port, flux_controller};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "flux-closed",
    severity: Severity::Error,
    text: include_str!("flux_closed.md"),
    find,
};

const API_PORT: u16 = 6443;
/// Where source-controller serves what it fetched.
const ARTIFACTS: u16 = 9090;

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let world = neighbourhood::world(subject);
    let judge = neighbourhood::judge(subject, &world);
    let source = flux_controller(subject, "source-controller");
    let apply = flux_controller(subject, "kustomize-controller");
    let needed = [
        (
            source.as_str(),
            FLEET_HOST,
            fleet_port(subject),
            "fetch the fleet repository",
        ),
        (
            source.as_str(),
            API_SERVER,
            API_PORT,
            "reach the API server",
        ),
        (apply.as_str(), API_SERVER, API_PORT, "reach the API server"),
        (
            apply.as_str(),
            source.as_str(),
            ARTIFACTS,
            "read what was fetched",
        ),
    ];
    needed
        .into_iter()
        .filter(|(from, to, port, _)| {
            let question = Question { from, to, protocol: Protocol::Tcp, port: *port, request: None };
            judge.ask(&question).is_some_and(|verdict| !verdict.is_allowed())
        })
        .map(|(from, _, port, what)| {
            Found::new(
                format!("namespaces/{}", subject.cluster.flux.namespace),
                Place::cluster(["flux"]),
                format!("a default deny keeps {from} from port {port}, so it cannot {what}"),
                "name the fleet repository in `flux.source.url`, or allow it by a flow: a cluster that cannot fetch cannot be repaired by a commit",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, clusterwide, policy};

    fn deny() -> serde_json::Value {
        clusterwide(&json!({"endpointSelector": {}, "ingress": [{}], "egress": [{}]}))
    }

    #[test]
    fn a_deny_that_flux_does_not_survive_is_found() {
        Lint::homelab()
            .object(deny())
            .finds(super::RULE, "namespaces/flux-system");
    }

    #[test]
    fn a_deny_with_what_flux_needs_is_not() {
        let flux = |section: &str, rule: serde_json::Value| {
            let mut object = policy(&json!({"endpointSelector": {}, section: [rule]}));
            object["metadata"]["namespace"] = "flux-system".into();
            object
        };
        Lint::homelab()
            .object(deny())
            .object(flux(
                "egress",
                json!({"toFQDNs": [{"matchName": "git.example.net"}]}),
            ))
            .object(flux("egress", json!({"toEntities": ["kube-apiserver"]})))
            .object(flux("egress", json!({"toEndpoints": [{}]})))
            .object(flux("ingress", json!({"fromEndpoints": [{}]})))
            .passes(super::RULE);
    }

    #[test]
    fn without_a_deny_there_is_nothing() {
        Lint::homelab().passes(super::RULE);
    }
}
