//! What is in a fleet repository beside the files of its clusters.

use super::{Finding, GitDrift, Reason, Status};
use crate::fleet::{FleetError, Inventory, ROOT_INVENTORY, block_of, root_files, root_inventory};
use crate::git::Snapshot;
use crate::name::ClusterName;
use crate::tree::Sha256;

/// Files of clusters that neither the stack nor an inventory knows.
pub(super) fn orphans(
    is_known: &dyn Fn(&ClusterName) -> bool,
    snapshot: &Snapshot<'_>,
    drift: &mut GitDrift,
) -> Result<(), FleetError> {
    for root in ["rendered", "hosts"] {
        for (path, listed) in snapshot.list(root)? {
            let cluster = path.split('/').nth(1).and_then(ClusterName::new);
            if !cluster.as_ref().is_some_and(is_known) {
                let found = snapshot.digest(&listed)?;
                let finding = Finding::new(path, Status::Extra, Reason::Unowned);
                drift.findings.push(finding.found(found));
            }
        }
    }
    Ok(())
}

pub(super) fn root_drift(snapshot: &Snapshot<'_>, drift: &mut GitDrift) -> Result<(), FleetError> {
    for file in root_files() {
        let bytes = snapshot.read(file.path)?;
        let text = bytes.as_deref().map(String::from_utf8_lossy);
        let found = text.as_deref().and_then(block_of);
        if found == Some(file.block) {
            drift.clean += 1;
            continue;
        }
        let (status, reason) = match found {
            Some(_) => (Status::Modified, Reason::Content),
            None => (Status::Missing, Reason::Absent),
        };
        let finding = Finding::new(file.path, status, reason)
            .expected(Sha256::of(file.block.as_bytes()))
            .found(found.map(|block| Sha256::of(block.as_bytes())));
        drift.findings.push(finding);
    }
    root_inventory_drift(snapshot, drift)
}

/// What else lies beside the inventories is nobody's.
fn root_inventory_drift(snapshot: &Snapshot<'_>, drift: &mut GitDrift) -> Result<(), FleetError> {
    let wanted = Sha256::of(&root_inventory());
    let mut is_there = false;
    for (path, listed) in snapshot.list(".ztgit")? {
        if path.starts_with(Inventory::DIRECTORY) {
            continue;
        }
        let found = snapshot.digest(&listed)?;
        if path != ROOT_INVENTORY {
            let finding = Finding::new(path, Status::Extra, Reason::Unowned);
            drift.findings.push(finding.found(found));
            continue;
        }
        is_there = true;
        if found != Some(wanted) {
            let finding = Finding::new(path, Status::Modified, Reason::Content);
            drift.findings.push(finding.expected(wanted).found(found));
        }
    }
    if !is_there {
        let finding = Finding::new(ROOT_INVENTORY, Status::Missing, Reason::Absent);
        drift.findings.push(finding.expected(wanted));
    }
    Ok(())
}
