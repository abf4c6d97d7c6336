//! Findings as records keep them: files by name instead of number.

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Diagnostic, Diagnostics, Severity, Span};
use crate::stack::Outline;

#[derive(Serialize, Deserialize)]
pub(super) struct StoredSpan {
    file: String,
    start: u32,
    end: u32,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Finding {
    severity: StoredSeverity,
    code: String,
    message: String,
    span: Option<StoredSpan>,
    related: Vec<(StoredSpan, String)>,
    hints: Vec<String>,
    cluster: Option<String>,
    accepted: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum StoredSeverity {
    Error,
    Warning,
    Info,
}

impl StoredSpan {
    pub(super) fn of(span: Span, outline: &Outline) -> Self {
        Self {
            file: outline.sources.name(span.file).to_owned(),
            start: span.start,
            end: span.end,
        }
    }

    /// None where the stack has no such file, which is no record of this stack then.
    pub(super) fn restore(&self, outline: &Outline) -> Option<Span> {
        Some(Span {
            file: outline.file(&self.file)?,
            start: self.start,
            end: self.end,
        })
    }
}

pub(super) fn stored(diagnostics: &Diagnostics, outline: &Outline) -> Vec<Finding> {
    let span = |span: Span| StoredSpan::of(span, outline);
    diagnostics
        .iter()
        .map(|found| Finding {
            severity: match found.severity {
                Severity::Error => StoredSeverity::Error,
                Severity::Warning => StoredSeverity::Warning,
                Severity::Info => StoredSeverity::Info,
            },
            code: found.code.clone(),
            message: found.message.clone(),
            span: found.span.map(span),
            related: found
                .related
                .iter()
                .map(|(place, what)| (span(*place), what.clone()))
                .collect(),
            hints: found.hints.clone(),
            cluster: found.cluster.clone(),
            accepted: found.accepted.clone(),
        })
        .collect()
}

pub(super) fn restored(findings: Vec<Finding>, outline: &Outline) -> Option<Diagnostics> {
    findings
        .into_iter()
        .map(|found| {
            Some(Diagnostic {
                severity: match found.severity {
                    StoredSeverity::Error => Severity::Error,
                    StoredSeverity::Warning => Severity::Warning,
                    StoredSeverity::Info => Severity::Info,
                },
                code: found.code,
                message: found.message,
                span: match &found.span {
                    Some(span) => Some(span.restore(outline)?),
                    None => None,
                },
                related: found
                    .related
                    .into_iter()
                    .map(|(span, what)| Some((span.restore(outline)?, what)))
                    .collect::<Option<_>>()?,
                hints: found.hints,
                cluster: found.cluster,
                accepted: found.accepted,
            })
        })
        .collect()
}
