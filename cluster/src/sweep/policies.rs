//! Policies that nobody rendered. Flux does not see them, and one is enough to open
//! what all others close.

use serde_json::Value;

use super::{Holder, Live, Ours};
use crate::report::{Finding, ObjectRef, Reason, Status};

/// All policies that neither the stack nor the fleet repository has.
pub(crate) fn unmanaged_policies(policies: &Live, ours: &Ours<'_>) -> Vec<Finding> {
    let unmanaged = policies.iter().filter(|(id, _)| !ours.desired.contains(id));
    unmanaged
        .filter_map(|(id, policy)| {
            let message = match ours.holder(id) {
                // What the stack's own inventory has and git does not is an orphan.
                Some((_, Holder::Stack | Holder::Fleet)) => return None,
                Some((unit, Holder::Other)) => {
                    format!("Kustomization {}/{} applied it", unit.namespace, unit.name)
                }
                None => made_by(policy),
            };
            Some(finding(id, policy).saying(message))
        })
        .collect()
}

fn finding(id: &ObjectRef, policy: &Value) -> Finding {
    let managers = crate::fields::managers(policy).into_iter();
    Finding::new(Status::UnmanagedPolicy, Reason::NotInCommit)
        .about(id.clone())
        .with_managers(managers.map(|manager| manager.name).collect())
}

fn made_by(policy: &Value) -> String {
    let owner = &policy["metadata"]["ownerReferences"][0];
    match (owner["kind"].as_str(), owner["name"].as_str()) {
        (Some(kind), Some(name)) => format!("it says that {kind} {name} made it"),
        _ => "nobody rendered it".to_owned(),
    }
}
