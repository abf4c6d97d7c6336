//! Connections are refused, and nobody counts them.

use serde_json::Value;
use ztgit_plugin::Severity;

use super::{at_value, enforces, is};
use crate::finding::Found;
use crate::rule::Rule;
use crate::subject::Subject;

pub(in crate::rules) const RULE: Rule = Rule {
    code: "no-drop-metric",
    severity: Severity::Warning,
    text: include_str!("uncounted_drops.md"),
    find,
};

fn find(subject: &Subject<'_>) -> Vec<Found> {
    let Some((release, values)) = subject.cilium_values() else {
        return Vec::new();
    };
    let counted = !is(values, "/hubble/enabled", false) && counts_drops(values);
    if counted || !enforces(subject.cluster) {
        return Vec::new();
    }
    let pointer = ["/hubble/metrics/enabled", "/hubble/metrics", "/hubble", ""]
        .into_iter()
        .find(|pointer| values.pointer(pointer).is_some())
        .unwrap_or_default();
    let message = "namespaces enforce, and refused connections are not counted";
    let hint = "add `drop` to `hubble.metrics.enabled`";
    vec![at_value(subject, release, pointer, message, hint)]
}

/// Whether `drop` is among the metrics, with or without options behind it.
fn counts_drops(values: &Value) -> bool {
    let metrics = values
        .pointer("/hubble/metrics/enabled")
        .and_then(Value::as_array);
    let mut names = metrics.into_iter().flatten().filter_map(Value::as_str);
    names.any(|name| name.split([':', ';']).next() == Some("drop"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{RELEASE, release};
    use crate::testing::Lint;

    fn metrics(list: &Value) -> Lint {
        Lint::homelab().object(release(&json!({"hubble": {"metrics": {"enabled": list}}})))
    }

    #[test]
    fn no_metrics_and_others_are_found() {
        metrics(&json!(["dns", "tcp"])).finds(super::RULE, RELEASE);
        metrics(&Value::Null).finds(super::RULE, RELEASE);
        Lint::homelab()
            .object(release(&json!({})))
            .finds(super::RULE, RELEASE);
    }

    #[test]
    fn drops_that_are_counted_are_not() {
        for name in [
            "drop",
            "drop:labelsContext=source_namespace",
            "drop;destinationContext=pod",
        ] {
            metrics(&json!(["dns", name])).passes(super::RULE);
        }
    }

    #[test]
    fn a_cluster_that_refuses_nothing_needs_none() {
        metrics(&json!([]))
            .cluster(&json!({"namespaces": {"my-app": {"mode": "audit"}}}))
            .passes(super::RULE);
    }
}
