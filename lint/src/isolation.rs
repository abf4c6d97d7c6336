//! Which rules isolate, where a connection is refused because nothing allows it.

use std::collections::BTreeSet;
use std::sync::Arc;

use ztgit_policy::model::PolicyKind;
use ztgit_policy::reach::{Decision, Reason, RuleReference, Side};

use crate::finding::{Found, Place};
use crate::subject::Subject;

/// The rules whose default deny refuses; none where it passes, or where a rule
/// refuses on purpose.
pub(crate) fn isolated_by(side: &Side) -> BTreeSet<Arc<RuleReference>> {
    if side.decision != Decision::Denied {
        return BTreeSet::new();
    }
    let reasons = side.reasons.iter();
    reasons
        .filter_map(|reason| match reason {
            Reason::DefaultDeny(rule) => Some(rule.clone()),
            _ => None,
        })
        .collect()
}

/// A finding at a rule.
pub(crate) fn finding(
    subject: &Subject<'_>,
    rule: &RuleReference,
    message: String,
    hint: &str,
) -> Option<Found> {
    let same = |kind: PolicyKind, namespace: &Option<String>, name: &str| {
        kind == rule.kind && *namespace == rule.namespace && name == rule.name
    };
    let (index, _) = subject
        .policies
        .iter()
        .find(|(_, policy)| same(policy.kind, &policy.namespace, &policy.name))?;
    let place = Place::Object(*index, rule.pointer.as_str().to_owned());
    Some(Found::new(
        subject.object(*index).id(),
        place,
        message,
        hint,
    ))
}
