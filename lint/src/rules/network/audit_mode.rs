//! Audit mode is on in a cluster that is to refuse.

use ztgit_plugin::Severity;

use super::{at_value, enforces, is};
use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "audit-mode",
    severity: Severity::Warning,
    text: include_str!("audit_mode.md"),
    find,
};

const VALUE: &str = "/policyAuditMode";

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let Some((release, values)) = subject.cilium_values() else {
        return Vec::new();
    };
    if !is(values, VALUE, true) {
        return Vec::new();
    }
    let idle = enforces(subject.cluster).then(|| {
        let message = "nothing is refused: audit mode is on for the whole cluster";
        let hint = "switch `policyAuditMode` off, or set `mode: audit` where that is meant";
        at_value(subject, release, VALUE, message, hint)
    });
    let requests = looks_at_requests(subject).then(|| {
        let message =
            "audit mode does not cover rules about requests and names: these still refuse";
        let hint = "take such rules out while you watch, or expect their refusals";
        at_value(subject, release, VALUE, message, hint).severity(Severity::Info)
    });
    idle.into_iter().chain(requests).collect()
}

fn looks_at_requests(subject: &Subject<'_>) -> bool {
    let mut ports = spot::entries(subject).flat_map(|spot| &spot.entry.ports);
    ports.any(|ports| ports.l7.as_ref().is_some_and(|l7| !l7.is_empty()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use ztgit_plugin::Severity;

    use super::super::{RELEASE, release};
    use crate::testing::{Lint, policy};

    #[test]
    fn a_namespace_that_enforces_is_found() {
        Lint::homelab()
            .object(release(&json!({"policyAuditMode": true})))
            .finds_of(super::RULE, RELEASE, Severity::Warning);
    }

    #[test]
    fn requests_are_still_refused_which_is_worth_knowing() {
        Lint::homelab()
            .cluster(&json!({"namespaces": {"my-app": {"mode": "audit"}}}))
            .object(release(&json!({"policyAuditMode": true})))
            .object(policy(
                &json!({"endpointSelector": {}, "ingress": [{"toPorts": [{
                    "ports": [{"port": "80", "protocol": "TCP"}],
                    "rules": {"http": [{"method": "GET"}]}
                }]}]}),
            ))
            .finds_of(super::RULE, RELEASE, Severity::Info);
    }

    #[test]
    fn a_cluster_that_only_watches_is_not() {
        Lint::homelab()
            .cluster(&json!({"namespaces": {"my-app": {"mode": "audit"}}}))
            .object(release(&json!({"policyAuditMode": true})))
            .passes(super::RULE);
        Lint::homelab()
            .object(release(&json!({"policyAuditMode": false})))
            .passes(super::RULE);
    }
}
