//! Findings as JSON, for `--format json`.

use serde::Serialize;

use super::{Diagnostic, Severity, Sources, Span};

/// A finding as it stands in a report.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding<'a> {
    severity: &'static str,
    code: &'a str,
    message: &'a str,
    /// Why the stack accepts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cluster: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<Related<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hints: Vec<&'a str>,
}

/// A place in a file; lines and columns from 1.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Location<'a> {
    file: &'a str,
    line: usize,
    column: usize,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Related<'a> {
    message: &'a str,
    location: Location<'a>,
}

/// A severity as reports have it.
pub fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    }
}

/// A place as reports have it.
pub fn location(sources: &Sources, span: Span) -> Location<'_> {
    let (line, column) = sources.position(span);
    Location {
        file: sources.name(span.file),
        line,
        column,
    }
}

/// A finding as reports have it.
pub fn finding<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Finding<'a> {
    Finding {
        severity: severity_name(diagnostic.severity),
        code: &diagnostic.code,
        message: &diagnostic.message,
        accepted: diagnostic.accepted.as_deref(),
        cluster: diagnostic.cluster.as_deref(),
        location: diagnostic.span.map(|span| location(sources, span)),
        related: diagnostic
            .related
            .iter()
            .map(|(span, message)| Related {
                message,
                location: location(sources, *span),
            })
            .collect(),
        hints: diagnostic.hints.iter().map(String::as_str).collect(),
    }
}
