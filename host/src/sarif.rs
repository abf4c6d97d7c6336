//! Findings as SARIF 2.1.0, which code hosts show beside the lines of a change.
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostics, Severity, Sources, explain};

/// One result.
#[derive(Debug)]
pub struct Finding {
    /// Which rule.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// What is wrong, and what to do.
    pub message: String,
    /// Where: a path, with line and column from 1 where they are known.
    pub place: Option<(String, Option<(usize, usize)>)>,
    /// Why it is accepted, where it is.
    pub accepted: Option<String>,
}

/// The findings about a stack.
pub fn of_diagnostics(diagnostics: &Diagnostics, sources: &Sources) -> Vec<Finding> {
    diagnostics
        .iter()
        .map(|found| Finding {
            rule: found.code.clone(),
            severity: found.severity,
            message: std::iter::once(&found.message)
                .chain(&found.hints)
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join("; "),
            place: found.span.map(|span| {
                let position = sources.position(span);
                (sources.name(span.file).to_owned(), Some(position))
            }),
            accepted: found.accepted.clone(),
        })
        .collect()
}

/// A log with one run.
pub fn log(findings: &[Finding]) -> Value {
    let codes: BTreeSet<&str> = findings.iter().map(|found| found.rule.as_str()).collect();
    let rules: Vec<Value> = codes.into_iter().map(rule).collect();
    let results: Vec<Value> = findings.iter().map(result).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "ztgit",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }},
            "results": results,
        }]
    })
}

fn rule(code: &str) -> Value {
    match explain(code) {
        None => json!({ "id": code }),
        Some(explanation) => json!({
            "id": code,
            "shortDescription": {"text": explanation.text.lines().next().unwrap_or_default()},
            "fullDescription": {"text": explanation.text},
        }),
    }
}

fn result(found: &Finding) -> Value {
    let mut result = json!({
        "ruleId": found.rule,
        "level": match found.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        },
        "message": {"text": found.message},
    });
    if let Some((path, position)) = &found.place {
        let mut physical = json!({"artifactLocation": {"uri": path.trim_start_matches('/')}});
        if let Some((line, column)) = position {
            physical["region"] = json!({"startLine": line, "startColumn": column});
        }
        result["locations"] = json!([{ "physicalLocation": physical }]);
    }
    if let Some(reason) = &found.accepted {
        result["suppressions"] = json!([{"kind": "external", "justification": reason}]);
    }
    result
}
