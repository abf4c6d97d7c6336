//! What the Prometheus operator is given: a monitor of Hubble's metrics and an
//! alert on connections that policy refuses.
//!
//! Only where the stack says that the cluster has the operator's kinds, and
//! apart from the chart: a network whose release waits for somebody's
//! definitions is none.

use serde_json::{Map, Value, json};
use ztgit_plugin::{Cluster, Diagnostic, Manifest, Object, Phase};

use crate::config::Config;
use crate::stance::SYSTEM_NAMESPACE;

/// The group of the operator's kinds.
const GROUP: &str = "monitoring.coreos.com";
const VERSION: &str = "v1";

/// The name of both objects.
const NAME: &str = "ztgit-cilium";

/// The port of Hubble's metrics on every node.
pub(crate) const METRICS_PORT: u16 = 9965;

/// Refused by the lack of a rule, or by a rule.
const REFUSED: &str = r#"hubble_drop_total{reason=~"POLICY_DENIED|POLICY_DENY"}"#;
const PAIR: &str = "source_namespace, destination_namespace";

/// Whether somebody collects metrics in the cluster.
pub(crate) fn wanted(cluster: &Cluster, config: &Config) -> bool {
    cluster.apis.contains_key(GROUP) && !config.hubble.metrics.is_empty()
}

/// Both objects, and what keeps the alert from being raised.
pub(crate) fn manifests(
    cluster: &Cluster,
    config: &Config,
    values: &Map<String, Value>,
) -> (Vec<Manifest>, Vec<Diagnostic>) {
    if !wanted(cluster, config) {
        return (Vec::new(), Vec::new());
    }
    let version = &cluster.apis[GROUP];
    if version != VERSION {
        let message = format!("alerts are written for `{GROUP}/{VERSION}`, not {version}");
        let finding = Diagnostic::warning("monitoring-version", message)
            .at_cluster(["apis", GROUP])
            .hint(format!("say `{GROUP}: {VERSION}` if the cluster has that"));
        return (Vec::new(), vec![finding]);
    }
    let mut objects = vec![rule(config)];
    if !by_chart(values) {
        objects.push(monitor(config));
    }
    let manifests = objects
        .into_iter()
        .map(|object| Manifest::new(Phase::Config, object))
        .collect();
    (manifests, without_drops(config).into_iter().collect())
}

/// Whether the stack has the chart make a monitor, which would count twice.
fn by_chart(values: &Map<String, Value>) -> bool {
    let metrics = values
        .get("hubble")
        .and_then(|hubble| hubble.get("metrics"));
    let enabled = metrics.and_then(|metrics| metrics.pointer("/serviceMonitor/enabled"));
    enabled == Some(&Value::Bool(true))
}

fn without_drops(config: &Config) -> Option<Diagnostic> {
    let counted = |metric: &String| metric.split(':').next() == Some("drop");
    if config.hubble.metrics.iter().any(counted) {
        return None;
    }
    Some(
        Diagnostic::warning(
            "drops-uncounted",
            "nothing counts refused connections, so nothing alerts on them",
        )
        .at_config(["hubble", "metrics"])
        .hint("add `drop:labelsContext=source_namespace,destination_namespace`"),
    )
}

fn object(config: &Config, kind: &str) -> Object {
    Object::namespaced(&format!("{GROUP}/{VERSION}"), kind, SYSTEM_NAMESPACE, NAME)
        .labels(&config.monitoring.labels)
}

fn monitor(config: &Config) -> Object {
    object(config, "ServiceMonitor").spec(json!({
        "selector": {"matchLabels": {"k8s-app": "hubble"}},
        "namespaceSelector": {"matchNames": [SYSTEM_NAMESPACE]},
        // The flows' own labels, not those of the agent that saw them.
        "endpoints": [{"port": "hubble-metrics", "path": "/metrics", "honorLabels": true}],
    }))
}

fn rule(config: &Config) -> Object {
    object(config, "PrometheusRule").spec(json!({"groups": [{
        "name": NAME,
        "rules": [newly_refused(), still_refused()],
    }]}))
}

/// A counter begins at its first event, so its increase misses just that: what
/// is new is a series that was not there a while ago.
fn newly_refused() -> Value {
    let known = format!("last_over_time({REFUSED}[1d] offset 15m)");
    json!({
        "alert": "CiliumNewlyRefused",
        "expr": format!("sum by ({PAIR}) ({REFUSED}) unless sum by ({PAIR}) ({known})"),
        "labels": {"severity": "warning"},
        "annotations": {
            "summary": "policy refuses connections from {{ $labels.source_namespace }} to {{ $labels.destination_namespace }}",
            "description": "No connection between these namespaces was refused in the day before. Look with: hubble observe --verdict DROPPED --print-policy-names",
        },
    })
}

fn still_refused() -> Value {
    json!({
        "alert": "CiliumStillRefused",
        "expr": format!("sum by ({PAIR}) (increase({REFUSED}[15m])) > 0"),
        "for": "1h",
        "labels": {"severity": "info"},
        "annotations": {
            "summary": "policy goes on refusing connections from {{ $labels.source_namespace }} to {{ $labels.destination_namespace }}",
            "description": "Something retries for an hour: a flow is missing from the stack, or somebody is looking around.",
        },
    })
}
