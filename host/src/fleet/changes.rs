//! What a render changes, against a commit of the fleet repository.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

use super::blob_ids::BlobIds;
use super::inventory::{Inventory, InventoryError};
use super::isolation;
use super::managed::cluster_files;
use super::message::cluster_of;
use super::provenance::RenderedClusters;
use super::root_files::{ROOT_INVENTORY, root_files, root_inventory, with_block};
use super::steps::{self, Step};
use crate::git::{self, Change, EntryKind, Listed, Snapshot};
use crate::name::ClusterName;
use crate::render::ClusterOutput;
use crate::tree::{FileMode, Sha256, TreePath};

/// Which clusters were rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// All that the stack has: what it does not have any more goes.
    All,
    /// Some; the others stay as they are.
    Some,
}

/// A render against a commit.
#[derive(Debug, Default)]
pub struct ChangeSet {
    /// What differs.
    pub changes: BTreeMap<TreePath, Change>,
    /// Managed files that somebody changed or removed by hand, and that this
    /// render sets right.
    pub restored: Vec<TreePath>,
    /// The clusters that the render is about, removed ones with them.
    pub clusters: BTreeSet<ClusterName>,
    /// What each of them that changes owned and owns: the guards' question.
    pub ownership: BTreeMap<ClusterName, Ownership>,
    /// Steps that are judged by what was there before.
    pub steps: Vec<(ClusterName, Step)>,
    /// Files of the user's that stand in the way.
    foreign: Vec<TreePath>,
}

/// What a cluster owned before and owns after.
#[derive(Debug, Default)]
pub struct Ownership {
    /// Before.
    pub before: BTreeSet<TreePath>,
    /// After.
    pub after: BTreeSet<TreePath>,
    /// What goes of its policies that deny by default.
    pub denying: Vec<TreePath>,
}

impl Ownership {
    fn of(
        before: BTreeSet<TreePath>,
        after: BTreeSet<TreePath>,
        listed: &BTreeMap<String, Listed>,
        base: Option<&Snapshot<'_>>,
    ) -> Result<Self, FleetError> {
        let denying = match base {
            Some(base) => isolation::denying(before.difference(&after), listed, base)?,
            None => Vec::new(),
        };
        Ok(Self {
            before,
            after,
            denying,
        })
    }
}

/// Why changes cannot be worked out.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// The repository cannot be read or written.
    #[error(transparent)]
    Git(#[from] git::Error),
    /// An inventory is damaged.
    #[error(transparent)]
    Inventory(#[from] InventoryError),
    /// Files of the user's stand where ztgit would write.
    #[error(
        "files that are not ztgit's stand where it would write: {}",
        list(paths)
    )]
    Foreign {
        /// Which.
        paths: Vec<TreePath>,
    },
    /// A plain directory cannot be written.
    #[error("cannot write {}", path.display())]
    Directory {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A directory has files in it that no render wrote.
    #[error("{} is not empty, and no render of ztgit's wrote it", path.display())]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// A symbolic link stands where a file would be written.
    #[error("{} is a symbolic link", path.display())]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// The markers of ztgit's block in a shared file are not as it wrote them.
    #[error("{path}:{line}: the managed block does not begin and end once")]
    TornBlock {
        /// Which file.
        path: &'static str,
        /// The line of a marker that has no other.
        line: usize,
    },
    /// A shared file is not text.
    #[error("{path} is not UTF-8, so ztgit's block cannot be put into it")]
    NotText {
        /// Which.
        path: &'static str,
    },
}

fn list(paths: &[TreePath]) -> String {
    paths
        .iter()
        .map(TreePath::as_str)
        .collect::<Vec<_>>()
        .join(", ")
}

impl ChangeSet {
    /// A cluster that is as it was.
    pub fn unchanged(cluster: ClusterName) -> Self {
        Self {
            clusters: [cluster].into(),
            ..Self::default()
        }
    }

    /// Adds what another part of the same render changes.
    pub fn merge(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.restored.extend(other.restored);
        self.clusters.extend(other.clusters);
        self.ownership.extend(other.ownership);
        self.steps.extend(other.steps);
        self.foreign.extend(other.foreign);
    }

    /// Every change of these clusters restores what somebody changed since.
    pub fn restore_all_of(&mut self, clusters: &[RenderedClusters]) {
        let is_restored = |path: &TreePath| match cluster_of(path.as_str()) {
            Some(cluster) => clusters.iter().any(|rendered| rendered.has(cluster)),
            None => !clusters.is_empty(),
        };
        let paths = self.changes.keys().filter(|path| is_restored(path));
        let restored: BTreeSet<TreePath> = paths.chain(&self.restored).cloned().collect();
        self.restored = restored.into_iter().collect();
    }

    /// The changed clusters: nothing of the others is touched.
    pub fn changed(&self) -> impl Iterator<Item = &ClusterName> {
        self.ownership.keys()
    }
}

/// Adds what is not about a cluster of the render: those that are gone, and the files
/// at the root.
pub fn conclude(
    mut set: ChangeSet,
    selection: Selection,
    base: Option<&Snapshot<'_>>,
) -> Result<ChangeSet, FleetError> {
    if !set.foreign.is_empty() {
        set.foreign.sort();
        return Err(FleetError::Foreign { paths: set.foreign });
    }
    if let (Selection::All, Some(base)) = (selection, base) {
        let rendered = set.clusters.iter().map(Inventory::path);
        let rendered: BTreeSet<String> = rendered.map(|path| path.to_string()).collect();
        for name in base.entries(Inventory::DIRECTORY)?.keys() {
            let path = format!("{}/{name}", Inventory::DIRECTORY);
            if !rendered.contains(&path) {
                let inventory = Inventory::parse(&path, &base.read(&path)?.unwrap_or_default())?;
                remove_cluster(&inventory, base, &mut set)?;
            }
        }
    }
    root_changes(base, &mut set)?;
    set.restored.sort();
    Ok(set)
}

/// What a render of one cluster changes.
pub fn cluster_changes(
    output: &ClusterOutput,
    ids: &BlobIds,
    base: Option<&Snapshot<'_>>,
) -> Result<ChangeSet, FleetError> {
    let mut set = ChangeSet::default();
    let listed = listed(&output.name, base)?;
    let inventory_path = Inventory::path(&output.name);
    let old = match (listed.get(inventory_path.as_str()), base) {
        (Some(found), Some(base)) => Some(Inventory::parse(
            inventory_path.as_str(),
            &base.read_blob(found.id)?,
        )?),
        _ => None,
    };
    let owned = |path: &TreePath| old.as_ref().and_then(|old| old.files.get(path));
    for (path, entry, id) in ids.files(output) {
        let is_own = *path == inventory_path;
        match listed.get(path.as_str()) {
            Some(found) if found.id == id && found.kind == EntryKind::File(entry.mode) => continue,
            Some(found) if !is_own => {
                let Some(owned) = owned(path) else {
                    set.foreign.push(path.clone());
                    continue;
                };
                let before = content(found, base)?;
                let as_written = |bytes: &[u8]| {
                    found.kind == EntryKind::File(owned.mode) && Sha256::of(bytes) == owned.sha256
                };
                if !before.as_deref().is_some_and(as_written) {
                    set.restored.push(path.clone());
                }
                let step = before.and_then(|before| steps::step(path, &before, &entry.bytes));
                set.steps
                    .extend(step.map(|step| (output.name.clone(), step)));
            }
            None if owned(path).is_some() => set.restored.push(path.clone()),
            Some(_) | None => {}
        }
        let change = Change::Write {
            bytes: entry.bytes.clone(),
            mode: entry.mode,
        };
        set.changes.insert(path.clone(), change);
    }
    let after: BTreeSet<TreePath> = output.inventory.files.keys().cloned().collect();
    let before: BTreeSet<TreePath> = old
        .map(|old| old.files.into_keys().collect())
        .unwrap_or_default();
    for path in before.difference(&after) {
        if listed.contains_key(path.as_str()) {
            set.changes.insert(path.clone(), Change::Remove);
        }
    }
    set.clusters.insert(output.name.clone());
    if !set.changes.is_empty() {
        let ownership = Ownership::of(before, after, &listed, base)?;
        set.ownership.insert(output.name.clone(), ownership);
    }
    Ok(set)
}

fn remove_cluster(
    inventory: &Inventory,
    base: &Snapshot<'_>,
    set: &mut ChangeSet,
) -> Result<(), FleetError> {
    let base = Some(base);
    let listed = listed(&inventory.cluster, base)?;
    let own = Inventory::path(&inventory.cluster);
    for path in inventory.files.keys().chain([&own]) {
        if listed.contains_key(path.as_str()) {
            set.changes.insert(path.clone(), Change::Remove);
        }
    }
    let before = inventory.files.keys().cloned().collect();
    set.clusters.insert(inventory.cluster.clone());
    let ownership = Ownership::of(before, BTreeSet::new(), &listed, base)?;
    set.ownership.insert(inventory.cluster.clone(), ownership);
    Ok(())
}

fn listed(
    cluster: &ClusterName,
    base: Option<&Snapshot<'_>>,
) -> Result<BTreeMap<String, Listed>, FleetError> {
    base.map_or_else(|| Ok(BTreeMap::new()), |base| cluster_files(cluster, base))
}

/// What a file holds; nothing for what is no file.
fn content(found: &Listed, base: Option<&Snapshot<'_>>) -> Result<Option<Vec<u8>>, FleetError> {
    match (found.kind, base) {
        (EntryKind::File(_), Some(base)) => Ok(Some(base.read_blob(found.id)?)),
        _ => Ok(None),
    }
}

fn root_changes(base: Option<&Snapshot<'_>>, set: &mut ChangeSet) -> Result<(), FleetError> {
    let mut write = |path: &str, bytes: Vec<u8>| {
        let path = TreePath::new(path).expect("root paths are valid");
        set.changes.insert(
            path,
            Change::Write {
                bytes,
                mode: FileMode::Regular,
            },
        );
    };
    for file in root_files() {
        let existing = base.map(|base| base.read(file.path)).transpose()?.flatten();
        let existing = match &existing {
            Some(bytes) => Some(
                std::str::from_utf8(bytes).map_err(|_| FleetError::NotText { path: file.path })?,
            ),
            None => None,
        };
        let wanted = with_block(existing, file.block).map_err(|torn| FleetError::TornBlock {
            path: file.path,
            line: torn.line,
        })?;
        if existing != Some(wanted.as_str()) {
            write(file.path, wanted.into_bytes());
        }
    }
    let wanted = root_inventory();
    let existing = base
        .map(|base| base.read(ROOT_INVENTORY))
        .transpose()?
        .flatten();
    if existing.as_ref() != Some(&wanted) {
        write(ROOT_INVENTORY, wanted);
    }
    Ok(())
}
