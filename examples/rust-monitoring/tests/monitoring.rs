//! The plugin run natively, without WebAssembly and without ztgit.

use monitoring::Monitoring;
use serde_json::json;
use ztgit_plugin::testing::Harness;

fn harness() -> Harness<Monitoring> {
    Harness::homelab()
        .patch_cluster(&json!({
            "apis": {"monitoring.coreos.com": "v1"},
            "namespaces": {"my-app": {"workloads": {"api": {
                "ports": {"metrics": {"port": 9102, "protocol": "TCP"}}
            }}}}
        }))
        .config(json!({"prometheus": {"namespace": "monitoring", "labels": {"app": "prometheus"}}}))
}

#[test]
fn only_a_workload_with_metrics_is_scraped() {
    assert_eq!(
        harness().render().names(),
        ["Service api-metrics", "ServiceMonitor api"]
    );
}

#[test]
fn the_flow_that_scraping_needs_is_stated() {
    let facts = harness().facts().facts;
    assert_eq!(facts.len(), 1);
    assert_eq!(facts[0].value["name"], "scrape-my-app-api");
    assert_eq!(facts[0].value["flow"]["ports"][0]["port"], 9102);
}

#[test]
fn a_cluster_without_the_operator_is_an_error() {
    let rendered = harness().patch_cluster(&json!({"apis": null})).render();
    assert_eq!(rendered.errors(), ["no-operator"]);
}
