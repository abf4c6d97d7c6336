//! Findings about what the user wrote, with the place that caused them.
//!
//! Domain code builds [`Diagnostic`]s; [`snippet`] and [`json`] show them. A
//! stage that can find several independent problems returns them all.

mod collect;
pub mod json;
mod registry;
pub mod snippet;
mod source;

pub use collect::Diagnostics;
pub use registry::{Explanation, explain, explanations};
pub use source::{FileId, Sources, Span};
pub use ztgit_plugin::Severity;

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it weighs.
    pub severity: Severity,
    /// A stable code; `ztgit explain` has the long text.
    pub code: String,
    /// Lower case, no period: what is wrong.
    pub message: String,
    /// The cause.
    pub span: Option<Span>,
    /// Other places that belong to it, each with what it is.
    pub related: Vec<(Span, String)>,
    /// Each one thing to do about it.
    pub hints: Vec<String>,
    /// The cluster in which it showed, where it is about one.
    pub cluster: Option<String>,
    /// Why the stack accepts it, where it does: then it stops nothing.
    pub accepted: Option<String>,
}

impl Diagnostic {
    /// A finding that stops the command.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A finding that does not.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A finding of any severity.
    pub fn new(severity: Severity, code: &str, message: impl Into<String>) -> Self {
        Self {
            severity,
            code: code.to_owned(),
            message: message.into(),
            span: None,
            related: Vec::new(),
            hints: Vec::new(),
            cluster: None,
            accepted: None,
        }
    }

    /// How much it weighs, unless the stack accepts it.
    pub fn weight(&self) -> Severity {
        if self.accepted.is_some() {
            Severity::Info
        } else {
            self.severity
        }
    }

    /// Where the cause is.
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Where the cause is, if that is known.
    pub fn maybe_at(mut self, span: Option<Span>) -> Self {
        self.span = span;
        self
    }

    /// Another place that belongs to it.
    pub fn related(mut self, span: Span, what: impl Into<String>) -> Self {
        self.related.push((span, what.into()));
        self
    }

    /// One thing to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The cluster in which it showed.
    pub fn in_cluster(mut self, cluster: &str) -> Self {
        self.cluster = Some(cluster.to_owned());
        self
    }
}

/// A hint that names the closest of what there is, or lists it where nothing
/// is close and the list is short.
pub fn did_you_mean<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let mut candidates: Vec<&str> = candidates.into_iter().collect();
    let closest = candidates
        .iter()
        .map(|candidate| (strsim::damerau_levenshtein(written, candidate), *candidate))
        .filter(|(distance, candidate)| {
            *distance <= 1 + candidate.len().max(written.len()) / 4
                || (written.len() >= 3 && candidate.eq_ignore_ascii_case(written))
        })
        .min();
    if let Some((_, candidate)) = closest {
        return Some(format!("did you mean `{candidate}`?"));
    }
    candidates.sort_unstable();
    (1..=12).contains(&candidates.len()).then(|| {
        let list: Vec<String> = candidates.iter().map(|name| format!("`{name}`")).collect();
        format!("there is {}", list.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn the_closest_name_is_suggested() {
        assert_eq!(
            did_you_mean("podCIDR", ["podCIDRs", "serviceCIDRs"]).as_deref(),
            Some("did you mean `podCIDRs`?")
        );
    }

    #[test]
    fn what_there_is_is_listed_when_nothing_is_close() {
        assert_eq!(
            did_you_mean("zebra", ["b", "a"]).as_deref(),
            Some("there is `a`, `b`")
        );
    }
}
