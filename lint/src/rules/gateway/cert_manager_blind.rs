//! cert-manager is not told to look at Gateways.

use ztgit_plugin::Severity;

use crate::finding::Found;
use crate::gateway::cert_manager::release;
use crate::gateway::issuer::{is_made_of, issuers};
use crate::gateway::listeners;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "cert-manager-blind",
    severity: Severity::Error,
    text: include_str!("cert_manager_blind.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let Some(release) = release(subject).filter(|release| !release.looks_at_gateways()) else {
        return Vec::new();
    };
    let solves = issuers(subject).any(|issuer| {
        let mut solvers = issuer.solvers();
        solvers.any(|(_, solver)| solver.pointer("/http01/gatewayHTTPRoute").is_some())
    });
    if !solves && !listeners(subject).any(is_made_of) {
        return Vec::new();
    }
    let needed = match release.version {
        Some(version) if version < (1, 21) => "config: {enableGatewayAPI: true}",
        _ => "config: {gatewayAPI: {enabled: true}}",
    };
    vec![release.spot.finding(
        "/spec/values",
        format!("cert-manager looks at no Gateway without `{needed}`"),
        format!("set `{needed}` among the values"),
    )]
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::fixtures::{HOST, gateway, https};
    use crate::testing::Lint;

    const RELEASE: &str = "HelmRelease/cert-manager/cert-manager";

    fn with(version: &str, config: &Value) -> Lint {
        let metadata = json!({"name": "cert-manager", "namespace": "cert-manager"});
        let release = json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": metadata,
            "spec": {
                "chartRef": {"kind": "OCIRepository", "name": "cert-manager"},
                "values": {"config": config}
            }
        });
        let source = json!({
            "apiVersion": "source.toolkit.fluxcd.io/v1",
            "kind": "OCIRepository",
            "metadata": metadata,
            "spec": {"ref": {"tag": version}}
        });
        let lint = Lint::homelab().object(gateway(&[https(HOST)]));
        lint.object(source).object(release)
    }

    #[test]
    fn a_release_without_the_switch_is_found() {
        with("v1.21.1", &json!({})).finds(super::RULE, RELEASE);
    }

    #[test]
    fn a_switch_that_the_version_does_not_know_yet_is_found() {
        let newer = json!({"gatewayAPI": {"enabled": true}});
        with("v1.20.2", &newer).finds(super::RULE, RELEASE);
        with("v1.21.1", &newer).passes(super::RULE);
    }

    #[test]
    fn the_older_switch_works_in_both() {
        let older = json!({"enableGatewayAPI": true});
        with("v1.20.2", &older).passes(super::RULE);
        with("v1.21.1", &older).passes(super::RULE);
    }
}
