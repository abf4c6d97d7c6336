//! Findings as records keep them.

use serde::{Deserialize, Serialize};

use super::place::{Places, StoredSpan};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};

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

/// None where a place cannot be kept.
pub(super) fn stored(diagnostics: &Diagnostics, places: &Places<'_>) -> Option<Vec<Finding>> {
    diagnostics
        .iter()
        .map(|found| {
            Some(Finding {
                severity: match found.severity {
                    Severity::Error => StoredSeverity::Error,
                    Severity::Warning => StoredSeverity::Warning,
                    Severity::Info => StoredSeverity::Info,
                },
                code: found.code.clone(),
                message: found.message.clone(),
                span: match found.span {
                    Some(span) => Some(places.stored(span)?),
                    None => None,
                },
                related: found
                    .related
                    .iter()
                    .map(|(span, what)| Some((places.stored(*span)?, what.clone())))
                    .collect::<Option<_>>()?,
                hints: found.hints.clone(),
                cluster: found.cluster.clone(),
                accepted: found.accepted.clone(),
            })
        })
        .collect()
}

/// None where a place is no longer there.
pub(super) fn restored(findings: Vec<Finding>, places: &Places<'_>) -> Option<Diagnostics> {
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
                    Some(span) => Some(places.restored(span)?),
                    None => None,
                },
                related: found
                    .related
                    .into_iter()
                    .map(|(span, what)| Some((places.restored(&span)?, what)))
                    .collect::<Option<_>>()?,
                hints: found.hints,
                cluster: found.cluster,
                accepted: found.accepted,
            })
        })
        .collect()
}
