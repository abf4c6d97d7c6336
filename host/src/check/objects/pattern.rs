//! Regular expressions of schemas.

use std::sync::OnceLock;

use regex::Regex;

/// A regular expression, compiled when the first value meets it.
///
/// Schemas are written for Go, whose syntax is nearly ours. One that we cannot
/// read refuses nothing: the API server still holds values to it.
#[derive(Debug)]
pub(super) struct Pattern {
    source: Box<str>,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(source: &str) -> Self {
        Self {
            source: source.into(),
            compiled: OnceLock::new(),
        }
    }

    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether it is found anywhere in the text.
    pub(super) fn accepts(&self, text: &str) -> bool {
        let compiled = self.compiled.get_or_init(|| Regex::new(&self.source).ok());
        compiled.as_ref().is_none_or(|regex| regex.is_match(text))
    }
}
