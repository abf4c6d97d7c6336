//! The example's alerts, judged by Prometheus' own tool.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};
use ztgit_test_support::{require_tool, said};

const ALERTS: &str = include_str!("../../examples/drift-exporter/alerts.yaml");

fn rules() -> Value {
    let documents: Vec<Value> = serde_saphyr::from_multiple(ALERTS).unwrap();
    let rules = documents
        .into_iter()
        .find(|document| document["kind"] == "PrometheusRule");
    rules.unwrap()["spec"].clone()
}

/// Whether an alert is raised at a minute, given the values of a series from
/// minute 0 on, in Prometheus' notation.
fn raised(alert: &str, series: &str, values: &str, minute: u32) -> Option<bool> {
    let promtool = require_tool("promtool")?;
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &Value| {
        fs::write(directory.path().join(name), text.to_string()).unwrap();
    };
    write("rules.json", &rules());
    // Nothing is expected, so the tool fails if and only if it is raised.
    write(
        "test.json",
        &json!({
            "rule_files": ["rules.json"],
            "evaluation_interval": "1m",
            "tests": [{
                "interval": "1m",
                "input_series": [{"series": series, "values": values}],
                "alert_rule_test": [
                    {"eval_time": format!("{minute}m"), "alertname": alert, "exp_alerts": []},
                ],
            }],
        }),
    );
    let output: Output = Command::new(promtool)
        .args(["test", "rules", "test.json"])
        .current_dir(directory.path())
        .output()
        .unwrap();
    let said = said(&output);
    let raised = said.contains("FAILED");
    assert!(
        output.status.success() != raised && (!raised || said.contains("exp:[]")),
        "{said}"
    );
    Some(raised)
}

fn objects(status: &str) -> String {
    format!(r#"ztgit_drift_objects{{cluster="home",kind="ConfigMap",status="{status}"}}"#)
}

#[track_caller]
fn assert_raised(alert: &str, series: &str, values: &str, minute: u32, expected: bool) {
    if let Some(raised) = raised(alert, series, values, minute) {
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
