//! What could not be read at all.

use super::violation::{Noted, ViolationKind, Violations};
use crate::Pointer;
use crate::model::{Policy, ProblemKind};

pub(super) fn check(policy: &Policy, violations: &mut Violations) {
    for problem in &policy.problems {
        match &problem.kind {
            ProblemKind::UnknownKey { key, known } => {
                unknown_key(&problem.pointer, key, violations).suggest(key, known);
            }
            ProblemKind::WrongType { expected } => {
                violations.invalid(&problem.pointer, format!("this has to be {expected}"));
            }
        }
    }
}

fn unknown_key<'v>(pointer: &Pointer, key: &str, violations: &'v mut Violations) -> Noted<'v> {
    let mut above = pointer.as_str().split('/').skip(1);
    let denies = above.any(|segment| matches!(segment, "ingressDeny" | "egressDeny"));
    let noted = violations.dropped(pointer, format!("there is no `{key}` here"));
    if pointer.as_str().contains("/rules/http/") {
        noted.kind(ViolationKind::HttpKey)
    } else if denies && key == "rules" {
        noted.kind(ViolationKind::RequestPlace)
    } else {
        noted
    }
}
