//! A rule goes by a service account that many pods share, or that nothing declares.

use std::collections::BTreeSet;

use ztgit_plugin::Severity;
use ztgit_policy::model::{PeerSelector, Selector, well_known};

use crate::finding::Found;
use crate::rule::Rule;
use crate::spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "default-service-account",
    severity: Severity::Warning,
    text: include_str!("default_service_account.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let declared: BTreeSet<&str> = subject
        .cluster
        .namespaces
        .values()
        .flat_map(|namespace| namespace.workloads.values())
        .filter_map(|workload| workload.service_account.as_deref())
        .chain(
            subject
                .of_kind("", "ServiceAccount")
                .map(|account| account.object.name()),
        )
        .collect();
    let mut findings = Vec::new();
    for spot in spot::rules(subject) {
        let own = spot.rule.endpoint_selector.iter();
        let peers = spot.rule.entries.iter().flat_map(|entry| &entry.peers);
        let peers = peers
            .flat_map(|list| &list.peers)
            .filter_map(|peer| match &peer.selector {
                PeerSelector::Endpoints(selector) => Some(selector),
                _ => None,
            });
        for selector in own.chain(peers) {
            if let Some((key, account)) = account(selector)
                && let Some((message, hint)) = problem(account, &declared)
            {
                findings.push(spot.finding(&selector.label_pointer(key), message, hint));
            }
        }
    }
    findings
}

fn account(selector: &Selector) -> Option<(&str, &str)> {
    selector
        .match_labels
        .iter()
        .find(|(key, _)| key.ends_with(well_known::SERVICE_ACCOUNT))
        .map(|(key, value)| (key.as_str(), value.as_str()))
}

fn problem(account: &str, declared: &BTreeSet<&str>) -> Option<(String, &'static str)> {
    if account == "default" {
        return Some((
            "every pod without a service account of its own runs as `default`".to_owned(),
            "give the workload a service account of its own",
        ));
    }
    (!declared.contains(account)).then(|| {
        (
            format!("no workload of the stack runs as the service account `{account}`"),
            "set `serviceAccount` at the workload, or correct the name",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn account(name: &str) -> serde_json::Value {
        policy(&json!({
            "endpointSelector": {"matchLabels": {"io.cilium.k8s.policy.serviceaccount": name}},
            "ingress": [{"fromEndpoints": [{}]}]
        }))
    }

    #[test]
    fn the_default_account_and_an_unknown_one_are_found() {
        Lint::homelab()
            .object(account("default"))
            .finds(super::RULE, POLICY);
        Lint::homelab()
            .object(account("nobody"))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn the_account_of_a_workload_is_not() {
        Lint::homelab()
            .cluster(&json!({"namespaces": {"my-app": {"workloads": {"api": {"serviceAccount": "api"}}}}}))
            .object(account("api"))
            .passes(super::RULE);
    }
}
