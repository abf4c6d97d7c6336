//! Many findings, in a stable order and each once.

use std::collections::BTreeMap;

use super::{Diagnostic, Severity};

/// Findings of one severity that are kept. A file of ten megabytes may be
/// wrong in every line, and nobody reads that.
const LIMIT: usize = 2_000;

/// The findings of a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    kept: Vec<Diagnostic>,
    pushed: BTreeMap<Severity, usize>,
}

impl Diagnostics {
    /// Adds one; one more than there may be of its severity is only mentioned.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let pushed = self.pushed.entry(diagnostic.weight()).or_default();
        *pushed += 1;
        if *pushed <= LIMIT {
            self.kept.push(diagnostic);
        } else if *pushed == LIMIT + 1 {
            let rest = "there are more findings than are shown";
            let mention = Diagnostic::error("too-many-findings", rest);
            self.kept.push(Diagnostic {
                // What is accepted stops nothing, however often it is found.
                severity: diagnostic.weight(),
                ..mention
            });
        }
    }

    /// Adds those of another stage.
    pub fn extend(&mut self, others: impl IntoIterator<Item = Diagnostic>) {
        for diagnostic in others {
            self.push(diagnostic);
        }
    }

    /// Whether something stops the command.
    pub fn has_errors(&self) -> bool {
        self.kept
            .iter()
            .any(|diagnostic| diagnostic.weight() == Severity::Error)
    }

    /// How many there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.kept
            .iter()
            .filter(|diagnostic| diagnostic.weight() == severity)
            .count()
    }

    /// Those that the stack accepts.
    pub fn accepted(&self) -> impl Iterator<Item = &Diagnostic> {
        self.kept
            .iter()
            .filter(|diagnostic| diagnostic.accepted.is_some())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// The findings as they are.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.kept.iter()
    }

    /// Sorted by place, each once. What a shared default causes in a thousand
    /// clusters is one finding, not a thousand: the first cluster is named.
    #[must_use]
    pub fn normalized(mut self) -> Self {
        self.kept.sort_by(|a, b| {
            let place = |d: &Diagnostic| (d.span.is_none(), d.span);
            (place(a), a.severity, &a.code, &a.message, &a.cluster).cmp(&(
                place(b),
                b.severity,
                &b.code,
                &b.message,
                &b.cluster,
            ))
        });
        self.kept.dedup_by(|later, first| {
            later.span.is_some()
                && later.span == first.span
                && later.code == first.code
                && later.message == first.message
        });
        self
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.kept.into_iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::from_iter([diagnostic])
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        let mut diagnostics = Self::default();
        diagnostics.extend(iter);
        diagnostics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_beyond_the_limit_are_mentioned_once() {
        let many = (0..LIMIT + 5).map(|_| Diagnostic::error("a", "b"));
        let diagnostics: Diagnostics = many.collect();
        assert_eq!(diagnostics.count(Severity::Error), LIMIT + 1);
        let last = diagnostics.iter().last().map(|last| last.code.as_str());
        assert_eq!(last, Some("too-many-findings"));
    }

    #[test]
    fn accepted_findings_stop_nothing_however_many_there_are() {
        let accepted = |_| Diagnostic {
            accepted: Some("it is meant".to_owned()),
            ..Diagnostic::error("a", "b")
        };
        let diagnostics: Diagnostics = (0..LIMIT + 5).map(accepted).collect();
        assert!(!diagnostics.has_errors());
    }

    #[test]
    fn an_error_behind_many_warnings_is_kept() {
        let mut diagnostics: Diagnostics = (0..LIMIT + 5)
            .map(|_| Diagnostic::warning("a", "b"))
            .collect();
        diagnostics.push(Diagnostic::error("c", "d"));
        assert!(diagnostics.has_errors());
    }
}
