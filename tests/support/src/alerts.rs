//! Alerting rules, judged by Prometheus' own tool.

use std::fs;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::{require_tool, said};

/// What `promtool` says of rules; nothing where it is not installed.
///
/// # Panics
///
/// When they cannot be written, or the program does not start.
#[must_use]
pub fn check_rules(rules: &Value) -> Option<Output> {
    promtool(rules, &json!({}), &["check", "rules", "rules.json"])
}

/// Whether an alert is raised at a minute, given the values of a series from minute 0
/// on, in Prometheus' notation; nothing where `promtool` is not installed.
///
/// # Panics
///
/// When the tool can make nothing of the rules or the series.
#[must_use]
pub fn is_raised(
    rules: &Value,
    alert: &str,
    series: &str,
    values: &str,
    minute: u32,
) -> Option<bool> {
    // Nothing is expected, so the tool fails if and only if it is raised.
    let test = json!({
        "rule_files": ["rules.json"],
        "evaluation_interval": "1m",
        "tests": [{
            "interval": "1m",
            "input_series": [{"series": series, "values": values}],
            "alert_rule_test": [
                {"eval_time": format!("{minute}m"), "alertname": alert, "exp_alerts": []},
            ],
        }],
    });
    let output = promtool(rules, &test, &["test", "rules", "test.json"])?;
    let said = said(&output);
    let is_raised = said.contains("FAILED");
    assert!(
        output.status.success() != is_raised && (!is_raised || said.contains("exp:[]")),
        "{said}"
    );
    Some(is_raised)
}

fn promtool(rules: &Value, test: &Value, arguments: &[&str]) -> Option<Output> {
    let promtool = require_tool("promtool")?;
    let directory = tempfile::tempdir().expect("there is room for a directory");
    for (name, content) in [("rules.json", rules), ("test.json", test)] {
        fs::write(directory.path().join(name), content.to_string()).expect("there is room");
    }
    let output = Command::new(promtool)
        .args(arguments)
        .current_dir(directory.path())
        .output();
    Some(output.expect("the tool starts"))
}
