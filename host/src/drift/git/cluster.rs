//! A cluster: a fresh render, its inventory and a commit, path by path.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, GitDrift, Reason, Status};
use crate::fleet::{FleetError, Inventory, Owned, cluster_files};
use crate::git::{EntryKind, Listed, Snapshot};
use crate::name::ClusterName;
use crate::render::ClusterOutput;
use crate::tree::{Sha256, TreePath};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Compares a cluster of a commit with a fresh render. `is_ours` says whether the
/// commit was rendered by this ztgit with these plugins, so that other bytes can only
/// be somebody else's.
pub fn cluster_drift(
    output: &ClusterOutput,
    inventory: Option<&Inventory>,
    snapshot: &Snapshot<'_>,
    is_ours: bool,
) -> Result<GitDrift, FleetError> {
    let mut cluster = Cluster::new(&output.name, snapshot, Some(output), is_ours)?;
    match inventory {
        Some(inventory) => cluster.compare(inventory)?,
        None => cluster.without_inventory(output),
    }
    Ok(cluster.drift)
}

/// A cluster that the stack does not have any more.
pub(super) fn removed(
    name: &ClusterName,
    inventory: &Inventory,
    snapshot: &Snapshot<'_>,
) -> Result<GitDrift, FleetError> {
    let mut cluster = Cluster::new(name, snapshot, None, false)?;
    cluster.compare(inventory)?;
    Ok(cluster.drift)
}

/// What a fresh render says of a path.
#[derive(Clone, Copy)]
enum Fresh<'a> {
    /// Nothing: the cluster's input has changed.
    Pending,
    /// There is no such file.
    Absent,
    /// The file is this.
    File(&'a Owned),
}

struct Cluster<'a> {
    name: &'a ClusterName,
    snapshot: &'a Snapshot<'a>,
    listed: BTreeMap<String, Listed>,
    output: Option<&'a ClusterOutput>,
    /// What bytes are that the inventory has and a fresh render does not.
    other_bytes: Status,
    drift: GitDrift,
}

impl<'a> Cluster<'a> {
    fn new(
        name: &'a ClusterName,
        snapshot: &'a Snapshot<'a>,
        output: Option<&'a ClusterOutput>,
        is_ours: bool,
    ) -> Result<Self, FleetError> {
        let mut listed = cluster_files(name, snapshot)?;
        listed.remove(Inventory::path(name).as_str());
        Ok(Self {
            name,
            snapshot,
            listed,
            output,
            other_bytes: if is_ours {
                Status::Untrusted
            } else {
                Status::Stale
            },
            drift: GitDrift::default(),
        })
    }

    fn find(&mut self, finding: Finding) {
        self.drift.findings.push(finding);
    }

    /// A cluster that was never rendered is pending; one whose inventory was
    /// taken away is not.
    fn without_inventory(&mut self, output: &ClusterOutput) {
        if self.listed.is_empty() {
            let name = self.name.as_str();
            self.find(Finding::new(name, Status::Pending, Reason::Input));
            return;
        }
        let path = Inventory::path(self.name);
        let finding = Finding::new(path.as_str(), Status::Missing, Reason::NoInventory);
        self.find(finding.expected(Sha256::of(&output.inventory.to_bytes())));
    }

    fn compare(&mut self, inventory: &Inventory) -> Result<(), FleetError> {
        let current = self
            .output
            .filter(|output| output.inventory.input == inventory.input);
        if current.is_none() {
            let name = self.name.as_str();
            self.find(Finding::new(name, Status::Pending, Reason::Input));
        }
        let fresh = current.map(|output| &output.inventory.files);
        let listed: Vec<String> = self.listed.keys().cloned().collect();
        let owned = inventory.files.keys();
        let rendered = fresh.into_iter().flat_map(BTreeMap::keys);
        let known = owned.chain(rendered).map(TreePath::as_str);
        let paths: BTreeSet<&str> = known.chain(listed.iter().map(String::as_str)).collect();
        for path in paths {
            let key = TreePath::new(path).ok();
            let owned = key.as_ref().and_then(|key| inventory.files.get(key));
            let fresh = match fresh {
                None => Fresh::Pending,
                Some(files) => key
                    .as_ref()
                    .and_then(|key| files.get(key))
                    .map_or(Fresh::Absent, Fresh::File),
            };
            match owned {
                Some(owned) => self.owned(path, owned, fresh)?,
                None => self.unowned(path, fresh)?,
            }
        }
        Ok(())
    }

    /// A path that the inventory does not have.
    fn unowned(&mut self, path: &str, fresh: Fresh<'_>) -> Result<(), FleetError> {
        if let Some(listed) = self.listed.get(path) {
            let found = self.snapshot.digest(listed)?;
            self.find(Finding::new(path, Status::Extra, Reason::Unowned).found(found));
        } else if let Fresh::File(fresh) = fresh {
            let finding = Finding::new(path, self.other_bytes, Reason::Absent);
            self.find(finding.expected(fresh.sha256));
        }
        Ok(())
    }

    fn owned(&mut self, path: &str, owned: &Owned, fresh: Fresh<'_>) -> Result<(), FleetError> {
        let Some(listed) = self.listed.get(path).copied() else {
            let finding = Finding::new(path, Status::Missing, Reason::Absent);
            self.find(finding.expected(owned.sha256));
            return Ok(());
        };
        let found = self.snapshot.digest(&listed)?;
        if found != Some(owned.sha256) || listed.kind != EntryKind::File(owned.mode) {
            let reason = self.reason(path, &listed, found, owned)?;
            let finding = Finding::new(path, Status::Modified, reason);
            self.find(finding.expected(owned.sha256).found(found));
            return Ok(());
        }
        match fresh {
            Fresh::File(fresh) if fresh != owned => {
                let finding = Finding::new(path, self.other_bytes, Reason::Content);
                self.find(finding.expected(fresh.sha256).found(found));
            }
            Fresh::Absent => {
                let finding = Finding::new(path, self.other_bytes, Reason::Unowned);
                self.find(finding.found(found));
            }
            Fresh::File(_) | Fresh::Pending => self.drift.clean += 1,
        }
        Ok(())
    }

    fn reason(
        &self,
        path: &str,
        listed: &Listed,
        found: Option<Sha256>,
        owned: &Owned,
    ) -> Result<Reason, FleetError> {
        if found == Some(owned.sha256) || !matches!(listed.kind, EntryKind::File(_)) {
            return Ok(Reason::Mode);
        }
        let bytes = self.snapshot.read_blob(listed.id)?;
        // What was written is known where a fresh render still gives it.
        let written = self
            .output
            .and_then(|output| output.tree.get(&TreePath::new(path).ok()?))
            .map(|entry| entry.bytes.as_slice())
            .filter(|written| Sha256::of(written) == owned.sha256);
        let Some(written) = written else {
            return Ok(Reason::Content);
        };
        let without_mark =
            |text: &[u8]| text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).to_vec();
        let unix = |text: &[u8]| String::from_utf8_lossy(text).replace("\r\n", "\n");
        Ok(if without_mark(&bytes) == without_mark(written) {
            Reason::ByteOrderMark
        } else if unix(&bytes) == unix(written) {
            Reason::LineEndings
        } else {
            Reason::Content
        })
    }
}
