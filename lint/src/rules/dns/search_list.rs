//! A pod with musl cannot look up a name, because what it asks first is refused.

use std::collections::BTreeMap;

use serde_json::Value;
use ztgit_plugin::Severity;
use ztgit_plugin::cluster::Resolver;
use ztgit_policy::model::DnsRule;

use super::{covers, look_ups};
use crate::finding::Found;
use crate::governed::{Governed, governed};
use crate::rule::Rule;
use crate::spot::Spot;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "musl-search",
    severity: Severity::Warning,
    text: include_str!("search_list.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let musl = workloads(subject);
    if musl.is_empty() || refusals_are_harmless(subject) {
        return Vec::new();
    }
    let mut found = BTreeMap::new();
    for pods in governed(subject) {
        let Some(namespace) = musl.get(pods.name) else {
            continue;
        };
        for (spot, rule, refused) in problems(subject, &pods, namespace) {
            found.entry((spot.of.index, &rule.pointer)).or_insert_with(|| {
                spot.finding(
                    &rule.pointer,
                    format!("`{}` has musl, asks for `{refused}` first, and gives up when that is refused", pods.name),
                    "set `dnsProxy.dnsRejectResponseCode: nameError` in Cilium's values, or let the pods look up such names too",
                )
            });
        }
    }
    found.into_values().collect()
}

/// The namespaces of workloads with musl, by the workloads' names.
fn workloads<'s>(subject: &'s Subject<'_>) -> BTreeMap<String, &'s str> {
    let namespaces = subject.cluster.namespaces.iter();
    namespaces
        .flat_map(|(namespace, declared)| {
            let workloads = declared.workloads.iter();
            workloads
                .filter(|(_, workload)| workload.resolver == Resolver::Musl)
                .map(move |(name, _)| (format!("{namespace}/{name}"), namespace.as_str()))
        })
        .collect()
}

fn refusals_are_harmless(subject: &Subject<'_>) -> bool {
    let code = subject
        .cilium_values()
        .and_then(|(_, values)| values.pointer("/dnsProxy/dnsRejectResponseCode"));
    code == Some(&Value::from("nameError"))
}

/// External names with what a search list makes of them and no rule admits.
fn problems<'s>(
    subject: &Subject<'_>,
    pods: &Governed<'s>,
    namespace: &str,
) -> Vec<(Spot<'s>, &'s DnsRule, String)> {
    let look_ups = look_ups(&pods.items);
    let domain = subject.cluster_domain();
    let mut suffixes = vec![
        format!("{namespace}.svc.{domain}"),
        format!("svc.{domain}"),
        domain.to_owned(),
    ];
    suffixes.extend(searched(subject).map(str::to_owned));
    let external = look_ups.iter().filter_map(|(spot, rule)| {
        let name = rule.name.as_deref()?.trim_end_matches('.');
        let expanded = suffixes
            .iter()
            .any(|suffix| name.ends_with(&format!(".{suffix}")));
        (!expanded).then_some((spot, rule, name))
    });
    external
        .filter_map(|(spot, rule, name)| {
            let asked = suffixes.iter().map(|suffix| format!("{name}.{suffix}"));
            let mut refused =
                asked.filter(|name| !look_ups.iter().any(|(_, rule)| covers(rule, name)));
            Some((*spot, *rule, refused.next()?))
        })
        .collect()
}

/// The domains that nodes search besides the cluster's own.
fn searched<'s>(subject: &Subject<'s>) -> impl Iterator<Item = &'s str> {
    let config = subject.configs.get("cilium");
    let domains = config.and_then(|config| config.get("searchDomains")?.as_array());
    domains.into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{Lint, POLICY, policy};

    fn musl(names: &Value) -> Lint {
        Lint::homelab()
            .cluster(
                &json!({"namespaces": {"my-app": {"workloads": {"api": {"resolver": "musl"}}}}}),
            )
            .object(policy(&json!({
                "endpointSelector": {"matchLabels": {"app": "my-api"}},
                "egress": [{"toPorts": [{
                    "ports": [{"port": "53", "protocol": "ANY"}],
                    "rules": {"dns": names}
                }]}]
            })))
    }

    fn release(code: &str) -> Value {
        json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease",
            "metadata": {"name": "cilium", "namespace": "kube-system"},
            "spec": {"values": {"dnsProxy": {"dnsRejectResponseCode": code}}}
        })
    }

    #[test]
    fn a_refused_search_list_is_found() {
        let names =
            json!([{"matchPattern": "*.*.svc.cluster.local"}, {"matchName": "api.example.com"}]);
        musl(&names).finds(super::RULE, POLICY);
        musl(&names)
            .object(release("refused"))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn a_search_domain_of_the_nodes_is_found() {
        let names = json!([{"matchPattern": "**.cluster.local"}, {"matchName": "api.example.com"}]);
        musl(&names)
            .config("cilium", json!({"searchDomains": ["lan.example"]}))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn an_answer_that_musl_goes_on_after_is_not() {
        let names = json!([{"matchName": "api.example.com"}]);
        musl(&names)
            .object(release("nameError"))
            .passes(super::RULE);
    }

    #[test]
    fn an_allowed_search_list_is_not() {
        musl(&json!([{"matchPattern": "**.cluster.local"}, {"matchName": "api.example.com"}]))
            .passes(super::RULE);
    }

    #[test]
    fn other_resolvers_are_not() {
        musl(&json!([{"matchName": "api.example.com"}]))
            .cluster(
                &json!({"namespaces": {"my-app": {"workloads": {"api": {"resolver": "glibc"}}}}}),
            )
            .passes(super::RULE);
    }
}
