//! Alerts and monitors, where the cluster has their kinds.

use serde_json::{Value, json};
use ztgit_plugin::testing::{Harness, Rendered};
use ztgit_plugin::{Phase, Place, Plugin};
use ztgit_plugin_cilium::Cilium;

use crate::stack::{finding, homelab};

fn monitored() -> Harness<Cilium> {
    homelab().patch_cluster(&json!({"apis": {"monitoring.coreos.com": "v1"}}))
}

fn kinds(rendered: &Rendered) -> Vec<String> {
    rendered
        .manifests()
        .filter(|m| m.object.group() == "monitoring.coreos.com")
        .map(|m| m.object.kind().to_owned())
        .collect()
}

#[test]
fn without_the_operators_kinds_nothing_of_them_is_rendered() {
    assert!(kinds(&homelab().render()).is_empty());
}

#[test]
fn with_them_refused_connections_are_collected_and_alerted_on() {
    let rendered = monitored().render();
    assert_eq!(kinds(&rendered), ["PrometheusRule", "ServiceMonitor"]);
    assert_eq!(
        rendered.phase("PrometheusRule", "ztgit-cilium"),
        Phase::Config
    );
}

#[test]
fn the_network_itself_never_waits_for_the_operators_kinds() {
    let rendered = monitored().render();
    let values = &rendered.object("HelmRelease", "cilium")["spec"]["values"];
    assert_eq!(values.pointer("/hubble/metrics/serviceMonitor"), None);
}

#[test]
fn the_operator_picks_them_up_by_the_stacks_labels() {
    let rendered = monitored()
        .config(json!({"monitoring": {"labels": {"release": "prometheus"}}}))
        .render();
    for kind in ["PrometheusRule", "ServiceMonitor"] {
        let object = rendered.object(kind, "ztgit-cilium");
        assert_eq!(
            object["metadata"]["labels"],
            json!({"release": "prometheus"})
        );
    }
}

#[test]
fn a_monitor_of_the_charts_own_is_not_doubled() {
    let own = json!({"hubble": {"metrics": {"serviceMonitor": {"enabled": true}}}});
    let rendered = monitored().config(json!({ "values": own })).render();
    assert_eq!(kinds(&rendered), ["PrometheusRule"]);
}

#[test]
fn an_alert_that_nothing_feeds_is_warned_of() {
    let rendered = monitored()
        .config(json!({"hubble": {"metrics": ["dns", "tcp"]}}))
        .render();
    assert_eq!(finding(&rendered).code, "drops-uncounted");
    assert_eq!(
        finding(&rendered).place,
        Place::Config("/hubble/metrics".to_owned())
    );
}

#[test]
fn another_version_of_the_kinds_is_warned_of_and_gets_nothing() {
    let rendered = homelab()
        .patch_cluster(&json!({"apis": {"monitoring.coreos.com": "v2"}}))
        .render();
    assert_eq!(rendered.warnings(), ["monitoring-version"]);
    assert!(kinds(&rendered).is_empty());
}

#[test]
fn the_metrics_port_is_opened_to_pods_where_something_collects() {
    let ports = |harness: Harness<Cilium>| -> Vec<Value> {
        let facts = harness.facts().facts;
        facts
            .iter()
            .map(|fact| fact.value["port"].clone())
            .collect()
    };
    assert!(ports(monitored()).contains(&json!(9965)));
    assert!(!ports(homelab()).contains(&json!(9965)));
}

#[test]
fn every_kind_that_is_rendered_for_others_has_a_schema() {
    let schemas = Cilium::describe().schemas;
    for (api_version, kind) in [
        ("monitoring.coreos.com/v1", "PrometheusRule"),
        ("monitoring.coreos.com/v1", "ServiceMonitor"),
        ("helm.cattle.io/v1", "HelmChart"),
    ] {
        let found = schemas
            .iter()
            .any(|s| s.api_version == api_version && s.kind == kind);
        assert!(found, "{kind}");
    }
}
