//! Where violations go.

use super::Violation;

/// Either every violation, or only whether there is one: alternatives
/// (`anyOf`) are tried without anything being written down.
#[derive(Debug)]
pub(super) enum Report {
    /// Everything that is wrong.
    Violations(Vec<Violation>),
    /// Nothing is wrong so far.
    Clean,
    /// Something is wrong.
    Violated,
}

impl Report {
    pub(super) fn add(&mut self, violation: impl FnOnce() -> Violation) {
        match self {
            Self::Violations(violations) => violations.push(violation()),
            Self::Clean | Self::Violated => *self = Self::Violated,
        }
    }

    pub(super) fn into_violations(self) -> Vec<Violation> {
        match self {
            Self::Violations(violations) => violations,
            Self::Clean | Self::Violated => Vec::new(),
        }
    }
}
