//! Flux is under a default deny that keeps it from fetching or applying.

use ztgit_plugin::Severity;

use super::{API_PORT, Need, refused};
use crate::finding::{Found, Place};
use crate::neighbourhood::{API_SERVER, fleet_server, flux_controller};
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "flux-closed",
    severity: Severity::Error,
    text: include_str!("flux_closed.md"),
    find,
};

/// Where source-controller serves what it fetched.
const ARTIFACTS: u16 = 9090;

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let source = flux_controller(subject, "source-controller");
    let apply = flux_controller(subject, "kustomize-controller");
    let fetching = fleet_server(subject).map(|(to, port)| Need {
        from: &source,
        to,
        port,
        purpose: "fetch the fleet repository",
    });
    let watching = [&source, &apply].map(|from| Need {
        from,
        to: API_SERVER,
        port: API_PORT,
        purpose: "reach the API server",
    });
    let applying = Need {
        from: &apply,
        to: &source,
        port: ARTIFACTS,
        purpose: "read what was fetched",
    };
    let needs = fetching.into_iter().chain(watching).chain([applying]);
    refused(subject, needs)
        .map(|Need { from, port, purpose, .. }| {
            Found::new(
                format!("namespaces/{}", subject.cluster.flux.namespace),
                Place::cluster(["flux"]),
                format!("policies keep {from} from port {port}, so it cannot {purpose}"),
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
