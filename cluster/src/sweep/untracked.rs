//! What carries Flux's labels and is in no inventory: nobody prunes it any more.

use serde_json::Value;

use super::{Holder, Live, Ours};
use crate::compare::is_policy;
use crate::desired::UnitName;
use crate::object::{OWNER_NAME, OWNER_NAMESPACE, is_controlled, label};
use crate::report::{Finding, Reason, Status};

/// All such objects. Policies have a name of their own for it.
pub(crate) fn untracked(live: &Live, ours: &Ours<'_>) -> Vec<Finding> {
    let candidates = live.iter().filter(|(id, object)| {
        // Controllers copy labels to what they make: slices of a Service's endpoints.
        !is_policy(id) && !is_controlled(object) && ours.holder(id).is_none()
    });
    candidates
        .filter_map(|(id, object)| {
            let owner = owner(object)?;
            let message = match ours.inventories.get(&owner) {
                // Who else's it is sees to it, and one that is not ready has no
                // complete inventory.
                Some(unit) if unit.holder == Holder::Other || !unit.is_ready => return None,
                Some(_) => "its Kustomization does not list it",
                None => "there is no such Kustomization any more",
            };
            let finding = Finding::new(Status::Untracked, Reason::NotInInventory);
            Some(
                finding
                    .in_unit(owner.name)
                    .about(id.clone())
                    .saying(message),
            )
        })
        .collect()
}

fn owner(object: &Value) -> Option<UnitName> {
    Some(UnitName {
        namespace: label(object, OWNER_NAMESPACE)?.to_owned(),
        name: label(object, OWNER_NAME)?.to_owned(),
    })
}
