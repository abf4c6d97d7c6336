//! What is wrong with policies by themselves, as findings.

use ztgit_policy::{Violation, ViolationKind};

use crate::finding::{Found, Place};
use crate::subject::{ObjectIndex, Subject};

/// What to do about a violation that says nothing of it.
const HINT: &str = "correct it as the schema of its kind has it";

/// Every violation of a kind.
pub(crate) fn of_kind(subject: &Subject<'_>, kind: ViolationKind) -> Vec<Found> {
    let violations = subject.violations().iter();
    violations
        .filter(|(_, violation)| violation.kind == kind)
        .map(|(index, violation)| finding(subject, *index, violation))
        .collect()
}

/// A violation as it is told.
pub(crate) fn finding(subject: &Subject<'_>, index: ObjectIndex, violation: &Violation) -> Found {
    Found::new(
        subject.object(index).id(),
        Place::Object(index, violation.pointer.as_str().to_owned()),
        violation.message.clone(),
        violation.hint.as_deref().unwrap_or(HINT),
    )
}
