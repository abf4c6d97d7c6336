//! The example's alerts, judged by Prometheus' own tool.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_json::Value;
use ztgit_test_support::alerts::is_raised;

const ALERTS: &str = include_str!("../../examples/drift-exporter/alerts.yaml");

fn rules() -> Value {
    let documents: Vec<Value> = serde_saphyr::from_multiple(ALERTS).unwrap();
    let rules = documents
        .into_iter()
        .find(|document| document["kind"] == "PrometheusRule");
    rules.unwrap()["spec"].clone()
}

fn objects(status: &str) -> String {
    format!(r#"ztgit_drift_objects{{cluster="home",kind="ConfigMap",status="{status}"}}"#)
}

#[track_caller]
fn assert_raised(alert: &str, series: &str, values: &str, minute: u32, expected: bool) {
    if let Some(raised) = is_raised(&rules(), alert, series, values, minute) {
        assert_eq!(raised, expected, "{alert} of {series}");
    }
}

#[test]
fn a_policy_that_the_stack_does_not_have_wakes_somebody_at_once() {
    let series = objects("unmanaged-policy");
    assert_raised("ZtgitUnmanagedPolicy", &series, "0 1", 1, true);
    assert_raised("ZtgitUnmanagedPolicy", &series, "0 0", 1, false);
}

#[test]
fn drift_that_flux_puts_right_wakes_nobody() {
    let series = objects("modified");
    assert_raised("ZtgitDrift", &series, "1x5 0x30", 25, false);
    assert_raised("ZtgitDrift", &series, "1x30", 25, true);
}

#[test]
fn a_cluster_that_cannot_be_compared_is_noticed() {
    let series = r#"ztgit_drift_last_success_timestamp_seconds{cluster="home"}"#;
    // Minutes of the test are those since 1970.
    assert_raised("ZtgitDriftUnknown", series, "0x90", 70, true);
    assert_raised("ZtgitDriftUnknown", series, "0+60x90", 70, false);
}

#[test]
fn an_exporter_that_is_gone_is_noticed() {
    let series = r#"ztgit_drift_build_info{version="1"}"#;
    assert_raised("ZtgitDriftExporterGone", series, "1x60", 50, false);
    assert_raised("ZtgitDriftExporterGone", series, "_x60", 50, true);
}
