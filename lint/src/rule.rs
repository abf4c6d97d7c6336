//! A rule: its code, its weight, its text, and the function that looks.

use ztgit_plugin::Severity;

use crate::exceptions;
use crate::finding::{Finding, Found};
use crate::subject::Subject;

/// A rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// A stable code; exceptions and `ztgit explain` go by it.
    pub code: &'static str,
    /// How much a finding weighs, unless the finding says otherwise.
    pub severity: Severity,
    /// Why, an example, what to do, and the source.
    pub text: &'static str,
    /// Finds every violation.
    pub(crate) find: fn(&Subject<'_>) -> Vec<Found>,
}

impl Rule {
    /// What the rule finds.
    pub fn findings(&self, subject: &Subject<'_>) -> Vec<Finding> {
        let found = (self.find)(subject);
        found
            .into_iter()
            .map(|found| exceptions::apply(found.by(self), subject))
            .collect()
    }
}
