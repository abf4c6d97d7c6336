//! Drift in the fleet repository.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::fleet::{
    FleetError, Inventory, Owned, Provenance, ROOT_INVENTORY, Selection, block_of,
    cluster_prefixes, inventories, root_files, root_inventory,
};
use crate::git::{EntryKind, Listed, Snapshot};
use crate::name::ClusterName;
use crate::render::ClusterOutput;
use crate::tree::{Sha256, TreePath};

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What a path or cluster is, if it is not clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The stack has changed and was not rendered yet.
    Pending,
    /// The same input gives other bytes with this ztgit and these plugins.
    Stale,
    /// The file is not what was written.
    Modified,
    /// The file is gone.
    Missing,
    /// A file stands under a managed path that nothing wrote.
    Extra,
    /// File and inventory agree with each other, and not with what the same
    /// ztgit and plugins render.
    Untrusted,
}

/// In which way a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The stack says something else.
    Input,
    /// Other bytes.
    Content,
    /// Executable where it was not, or the other way; or not a file any more.
    Mode,
    /// A byte order mark was put in front, or taken away.
    ByteOrderMark,
    /// Line ends were changed.
    LineEndings,
    /// It is not there.
    Absent,
    /// It is there and nobody said so.
    Unowned,
    /// There are files of the cluster and no inventory.
    NoInventory,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The path, or the cluster where it is about all of one.
    pub path: String,
    /// What it is.
    pub status: Status,
    /// In which way.
    pub reason: Reason,
    /// What should be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Sha256>,
    /// What is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Sha256>,
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct GitDrift {
    /// Sorted by path.
    pub findings: Vec<Finding>,
    /// How many managed files are as they should be.
    pub clean: usize,
}

/// Compares a commit with a fresh render. `rendered_by_us` says whether the
/// commit was rendered by this ztgit with these plugins, so that other bytes
/// can only be somebody else's.
pub fn git_drift(
    outputs: &[ClusterOutput],
    selection: Selection,
    snapshot: &Snapshot<'_>,
    rendered_by: Option<&Provenance>,
    ours: &dyn Fn(&Provenance) -> bool,
) -> Result<GitDrift, FleetError> {
    let inventories = inventories(snapshot)?;
    let trusted = rendered_by.is_some_and(ours);
    let mut drift = GitDrift::default();
    for output in outputs {
        let mut cluster = Cluster::new(&output.name, snapshot, &mut drift)?;
        match inventories.get(&output.name) {
            Some(inventory) => cluster.compare(inventory, Some(output), trusted)?,
            None => cluster.without_inventory(output),
        }
    }
    if selection == Selection::All {
        for (name, inventory) in &inventories {
            if !outputs.iter().any(|output| output.name == *name) {
                let mut cluster = Cluster::new(name, snapshot, &mut drift)?;
                cluster.compare(inventory, None, trusted)?;
            }
        }
        orphans(outputs, &inventories, snapshot, &mut drift)?;
    }
    root_drift(snapshot, &mut drift)?;
    drift.findings.sort();
    Ok(drift)
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
    drift: &'a mut GitDrift,
}

impl<'a> Cluster<'a> {
    fn new(
        name: &'a ClusterName,
        snapshot: &'a Snapshot<'a>,
        drift: &'a mut GitDrift,
    ) -> Result<Self, FleetError> {
        let mut listed = BTreeMap::new();
        for prefix in cluster_prefixes(name) {
            listed.extend(snapshot.list(&prefix)?);
        }
        Ok(Self {
            name,
            snapshot,
            listed,
            drift,
        })
    }

    fn find(&mut self, path: &str, status: Status, reason: Reason) -> &mut Finding {
        self.drift.findings.push(Finding {
            path: path.to_owned(),
            status,
            reason,
            expected: None,
            found: None,
        });
        self.drift.findings.last_mut().expect("it was just pushed")
    }

    /// A cluster that was never rendered is pending; one whose inventory was
    /// taken away is not.
    fn without_inventory(&mut self, output: &ClusterOutput) {
        let path = Inventory::path(self.name);
        if self.listed.is_empty() {
            self.find(self.name.as_str(), Status::Pending, Reason::Input);
            return;
        }
        self.find(path.as_str(), Status::Missing, Reason::NoInventory)
            .expected = Some(Sha256::of(&output.inventory.to_bytes()));
    }

    fn compare(
        &mut self,
        inventory: &Inventory,
        output: Option<&ClusterOutput>,
        trusted: bool,
    ) -> Result<(), FleetError> {
        let pending = output.is_none_or(|output| output.inventory.input != inventory.input);
        if pending {
            self.find(self.name.as_str(), Status::Pending, Reason::Input);
        }
        let fresh = output
            .filter(|_| !pending)
            .map(|output| &output.inventory.files);
        let mut paths: BTreeSet<&str> = inventory.files.keys().map(TreePath::as_str).collect();
        paths.extend(
            fresh
                .iter()
                .flat_map(|files| files.keys())
                .map(TreePath::as_str),
        );
        let listed: Vec<String> = self.listed.keys().cloned().collect();
        paths.extend(listed.iter().map(String::as_str));
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
            self.file(path, owned, fresh, output, trusted)?;
        }
        Ok(())
    }

    fn file(
        &mut self,
        path: &str,
        owned: Option<&Owned>,
        fresh: Fresh<'_>,
        output: Option<&ClusterOutput>,
        trusted: bool,
    ) -> Result<(), FleetError> {
        let other_bytes = if trusted {
            Status::Untrusted
        } else {
            Status::Stale
        };
        let Some(owned) = owned else {
            if let Some(listed) = self.listed.get(path).copied() {
                let found = self.digest(&listed)?;
                self.find(path, Status::Extra, Reason::Unowned).found = found;
            } else if let Fresh::File(fresh) = fresh {
                let expected = Some(fresh.sha256);
                self.find(path, other_bytes, Reason::Absent).expected = expected;
            }
            return Ok(());
        };
        let Some(listed) = self.listed.get(path).copied() else {
            self.find(path, Status::Missing, Reason::Absent).expected = Some(owned.sha256);
            return Ok(());
        };
        let found = self.digest(&listed)?;
        if found != Some(owned.sha256) || listed.kind != EntryKind::File(owned.mode) {
            let reason = self.reason(path, &listed, owned, output)?;
            let finding = self.find(path, Status::Modified, reason);
            finding.expected = Some(owned.sha256);
            finding.found = found;
            return Ok(());
        }
        match fresh {
            Fresh::File(fresh) if fresh != owned => {
                let (expected, found) = (Some(fresh.sha256), Some(owned.sha256));
                let finding = self.find(path, other_bytes, Reason::Content);
                finding.expected = expected;
                finding.found = found;
            }
            Fresh::Absent => {
                let found = Some(owned.sha256);
                self.find(path, other_bytes, Reason::Unowned).found = found;
            }
            Fresh::File(_) | Fresh::Pending => self.drift.clean += 1,
        }
        Ok(())
    }

    fn digest(&self, listed: &Listed) -> Result<Option<Sha256>, FleetError> {
        match listed.kind {
            EntryKind::Submodule => Ok(None),
            EntryKind::File(_) | EntryKind::Symlink => {
                Ok(Some(Sha256::of(&self.snapshot.read_blob(listed.id)?)))
            }
        }
    }

    fn reason(
        &self,
        path: &str,
        listed: &Listed,
        owned: &Owned,
        output: Option<&ClusterOutput>,
    ) -> Result<Reason, FleetError> {
        if self.digest(listed)? == Some(owned.sha256) || !matches!(listed.kind, EntryKind::File(_))
        {
            return Ok(Reason::Mode);
        }
        let bytes = self.snapshot.read_blob(listed.id)?;
        // What was written is known where a fresh render still gives it.
        let written = output
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

/// Files of clusters that neither the stack nor an inventory knows.
fn orphans(
    outputs: &[ClusterOutput],
    inventories: &BTreeMap<ClusterName, Inventory>,
    snapshot: &Snapshot<'_>,
    drift: &mut GitDrift,
) -> Result<(), FleetError> {
    for root in ["rendered", "hosts"] {
        for (path, listed) in snapshot.list(root)? {
            let cluster = path.split('/').nth(1).and_then(ClusterName::new);
            let known = cluster.is_some_and(|name| {
                inventories.contains_key(&name) || outputs.iter().any(|o| o.name == name)
            });
            if !known {
                let found = match listed.kind {
                    EntryKind::Submodule => None,
                    _ => Some(Sha256::of(&snapshot.read_blob(listed.id)?)),
                };
                let (status, reason) = (Status::Extra, Reason::Unowned);
                drift.findings.push(Finding {
                    path,
                    status,
                    reason,
                    expected: None,
                    found,
                });
            }
        }
    }
    Ok(())
}

fn root_drift(snapshot: &Snapshot<'_>, drift: &mut GitDrift) -> Result<(), FleetError> {
    for file in root_files() {
        let bytes = snapshot.read(file.path)?;
        let text = bytes.as_deref().map(String::from_utf8_lossy);
        let found = text.as_deref().and_then(block_of);
        if found == Some(file.block) {
            drift.clean += 1;
            continue;
        }
        let status = if found.is_some() {
            Status::Modified
        } else {
            Status::Missing
        };
        let reason = if found.is_some() {
            Reason::Content
        } else {
            Reason::Absent
        };
        drift.findings.push(Finding {
            path: file.path.to_owned(),
            status,
            reason,
            expected: Some(Sha256::of(file.block.as_bytes())),
            found: found.map(|block| Sha256::of(block.as_bytes())),
        });
    }
    root_inventory_drift(snapshot, drift)
}

/// What else lies beside the inventories is nobody's.
fn root_inventory_drift(snapshot: &Snapshot<'_>, drift: &mut GitDrift) -> Result<(), FleetError> {
    let wanted = Sha256::of(&root_inventory());
    let mut find = |path: &str, status, reason, expected, found| {
        let path = path.to_owned();
        drift.findings.push(Finding {
            path,
            status,
            reason,
            expected,
            found,
        });
    };
    let mut is_there = false;
    for (path, listed) in snapshot.list(".ztgit")? {
        if path.starts_with(Inventory::DIRECTORY) {
            continue;
        }
        let found = match listed.kind {
            EntryKind::Submodule => None,
            _ => Some(Sha256::of(&snapshot.read_blob(listed.id)?)),
        };
        if path != ROOT_INVENTORY {
            find(&path, Status::Extra, Reason::Unowned, None, found);
            continue;
        }
        is_there = true;
        if found != Some(wanted) {
            find(
                &path,
                Status::Modified,
                Reason::Content,
                Some(wanted),
                found,
            );
        }
    }
    if !is_there {
        find(
            ROOT_INVENTORY,
            Status::Missing,
            Reason::Absent,
            Some(wanted),
            None,
        );
    }
    Ok(())
}
