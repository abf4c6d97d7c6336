//! A policy is about pods that do not exist.

use ztgit_plugin::Severity;
use ztgit_policy::model::{LabelKey, Source, well_known};

use super::unknown_label;
use crate::finding::Found;
use crate::rule::Rule;
use crate::spot::{self, RuleSpot};
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "selects-nothing",
    severity: Severity::Warning,
    text: include_str!("selects_nothing.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    spot::rules(subject)
        .filter_map(|spot| problem(&spot))
        .collect()
}

fn problem(spot: &RuleSpot<'_>) -> Option<Found> {
    let namespace = spot.policy.namespace.as_deref()?;
    let selector = spot.rule.endpoint_selector.as_ref()?;
    let inventory = spot.subject.inventory();
    let names_namespace = selector
        .keys()
        .any(|key| LabelKey::split(key, Source::K8s).1 == well_known::NAMESPACE);
    if selector.is_empty()
        || names_namespace
        || !inventory.is_complete(namespace)
        || unknown_label::has_unknown(spot.subject, selector)
    {
        return None;
    }
    let matcher = spot.matchers.subject.as_ref()?;
    let nothing = inventory
        .selected(matcher, Some(namespace))
        .next()
        .is_none();
    nothing.then(|| {
        spot.finding(
            &selector.pointer,
            format!("no workload of `{namespace}` has all of these labels"),
            "correct the labels or the namespace, or declare the workload",
        )
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lint, POLICY, policy};

    fn about(labels: &serde_json::Value) -> serde_json::Value {
        policy(&json!({"endpointSelector": {"matchLabels": labels}, "ingress": [{}]}))
    }

    #[test]
    fn labels_of_a_pod_of_another_namespace_are_found() {
        Lint::homelab()
            .cluster(&json!({"namespaces": {"demo": {
                "mode": "enforce", "create": true, "workloads": {"db": {"labels": {"app": "db"}}}
            }}}))
            .object(about(&json!({"app": "db"})))
            .finds(super::RULE, POLICY);
    }

    #[test]
    fn labels_of_a_workload_are_not() {
        Lint::homelab()
            .object(about(&json!({"app": "my-api"})))
            .object(about(&json!({})))
            .passes(super::RULE);
    }

    #[test]
    fn where_a_chart_brings_pods_nothing_is_known() {
        Lint::homelab()
            .cluster(&json!({"namespaces": {"demo": {
                "mode": "enforce", "create": true, "workloads": {"db": {"labels": {"app": "db"}}}
            }}}))
            .object(json!({
                "apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease",
                "metadata": {"name": "cache", "namespace": "my-app"}
            }))
            .object(about(&json!({"app": "db"})))
            .passes(super::RULE);
    }

    #[test]
    fn a_pod_template_among_the_objects_is_known() {
        Lint::homelab()
            .object(json!({
                "apiVersion": "batch/v1", "kind": "CronJob",
                "metadata": {"name": "backup", "namespace": "my-app"},
                "spec": {"jobTemplate": {"spec": {"template": {
                    "metadata": {"labels": {"app": "my-api", "job": "backup"}}
                }}}}
            }))
            .object(about(&json!({"app": "my-api", "job": "backup"})))
            .passes(super::RULE);
    }
}
