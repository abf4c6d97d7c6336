//! Provenance: what a commit holds against what it says it was rendered from.
//!
//! Hashes that are kept in the repository do not resist somebody who can write
//! to it; a fresh render from the stack does. Each cluster is compared by itself, as it
//! is rendered.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::fleet::{
    FleetError, Inventory, ROOT_INVENTORY, RenderedClusters, block_of, cluster_files, inventories,
    root_files, root_inventory,
};
use crate::git::{CommitId, EntryKind, FleetRepository, Snapshot};
use crate::name::ClusterName;
use crate::render::ClusterOutput;
use crate::tree::{Sha256, TreePath};

/// A path that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mismatch {
    /// The path.
    pub path: String,
    /// What is wrong with it.
    pub problem: Problem,
    /// What the stack gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Sha256>,
    /// What the commit has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Sha256>,
}

/// What is wrong with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// Other bytes, or another mode, than the stack gives.
    Differs,
    /// The stack gives a file that the commit does not have.
    Missing,
    /// The commit has a file that the stack does not give.
    Extra,
    /// The commit changes something that it does not say it rendered.
    Undeclared,
}

/// What a commit has of a cluster and its stack does not give, or the other way round.
pub fn cluster_mismatches(
    output: &ClusterOutput,
    snapshot: &Snapshot<'_>,
) -> Result<Vec<Mismatch>, FleetError> {
    let mut mismatches = Vec::new();
    let mut listed = cluster_files(&output.name, snapshot)?;
    for (path, entry) in output.tree.iter() {
        let expected = Some(Sha256::of(&entry.bytes));
        let path = path.as_str().to_owned();
        let Some(there) = listed.remove(&path) else {
            mismatches.push(Mismatch {
                path,
                problem: Problem::Missing,
                expected,
                found: None,
            });
            continue;
        };
        let found = snapshot.digest(&there)?;
        if found != expected || there.kind != EntryKind::File(entry.mode) {
            mismatches.push(Mismatch {
                path,
                problem: Problem::Differs,
                expected,
                found,
            });
        }
    }
    for (path, there) in listed {
        mismatches.push(Mismatch {
            path,
            problem: Problem::Extra,
            expected: None,
            found: snapshot.digest(&there)?,
        });
    }
    Ok(mismatches)
}

/// What else in a commit its stack does not explain: the files at the root, clusters
/// that are not in the stack, and changes of what it does not say it rendered.
pub fn other_mismatches(
    repository: &FleetRepository,
    commit: CommitId,
    clusters: &RenderedClusters,
    rendered: BTreeSet<ClusterName>,
) -> Result<Vec<Mismatch>, FleetError> {
    let snapshot = repository.snapshot(commit)?;
    let mut found = Vec::new();
    root_files_differ(&snapshot, &mut found)?;
    let mut declared = rendered;
    if *clusters == RenderedClusters::All {
        removed_clusters(repository, commit, &snapshot, &mut declared, &mut found)?;
    }
    let undeclared = undeclared_changes(repository, commit, &declared)?;
    found.extend(undeclared.into_iter().map(|path| Mismatch {
        path,
        problem: Problem::Undeclared,
        expected: None,
        found: None,
    }));
    Ok(found)
}

fn root_files_differ(
    snapshot: &Snapshot<'_>,
    mismatches: &mut Vec<Mismatch>,
) -> Result<(), FleetError> {
    for file in root_files() {
        let bytes = snapshot.read(file.path)?.unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let found = block_of(&text);
        if found != Some(file.block) {
            mismatches.push(Mismatch {
                path: file.path.to_owned(),
                problem: Problem::Differs,
                expected: Some(Sha256::of(file.block.as_bytes())),
                found: found.map(|block| Sha256::of(block.as_bytes())),
            });
        }
    }
    let wanted = root_inventory();
    let inventory = snapshot.read(ROOT_INVENTORY)?;
    if inventory.as_ref() != Some(&wanted) {
        mismatches.push(Mismatch {
            path: ROOT_INVENTORY.to_owned(),
            problem: Problem::Differs,
            expected: Some(Sha256::of(&wanted)),
            found: inventory.map(|bytes| Sha256::of(&bytes)),
        });
    }
    Ok(())
}

/// A render of all clusters removes those that the stack does not have any
/// more: their files may go, and must not stay.
fn removed_clusters(
    repository: &FleetRepository,
    commit: CommitId,
    snapshot: &Snapshot<'_>,
    declared: &mut BTreeSet<ClusterName>,
    mismatches: &mut Vec<Mismatch>,
) -> Result<(), FleetError> {
    for name in inventories(snapshot)?.keys() {
        if !declared.contains(name) {
            mismatches.push(Mismatch {
                path: Inventory::path(name).as_str().to_owned(),
                problem: Problem::Extra,
                expected: None,
                found: None,
            });
        }
    }
    for parent in repository.details(commit)?.parents {
        let before = repository.snapshot(parent)?;
        declared.extend(inventories(&before)?.into_keys());
    }
    Ok(())
}

/// Managed paths that a commit changes without saying that it rendered their
/// cluster. What a merge takes over from one of its parents is not its own.
pub fn undeclared_changes(
    repository: &FleetRepository,
    commit: CommitId,
    declared: &BTreeSet<ClusterName>,
) -> Result<BTreeSet<String>, FleetError> {
    let parents = repository.details(commit)?.parents;
    let mut changed: Option<BTreeSet<String>> = None;
    for parent in &parents {
        let against = repository.changed_paths(commit, Some(*parent))?;
        changed = Some(match changed {
            None => against,
            Some(before) => before.intersection(&against).cloned().collect(),
        });
    }
    let changed = match changed {
        Some(changed) => changed,
        None => repository.changed_paths(commit, None)?,
    };
    let blocks = if declared.is_empty() {
        changed_blocks(repository, commit)?
    } else {
        BTreeSet::new()
    };
    Ok(changed
        .into_iter()
        .filter(|path| match owner(path) {
            Owner::Cluster(cluster) => !declared.contains(&cluster),
            // Every render writes it, and it is compared with what that is.
            Owner::Ztgit => declared.is_empty() || path != ROOT_INVENTORY,
            Owner::User => blocks.contains(path.as_str()),
        })
        .collect())
}

/// The shared files whose managed block is not that of any parent.
fn changed_blocks(
    repository: &FleetRepository,
    commit: CommitId,
) -> Result<BTreeSet<&'static str>, FleetError> {
    let block_at = |commit: CommitId, path: &str| -> Result<Option<String>, FleetError> {
        let bytes = repository.snapshot(commit)?.read(path)?.unwrap_or_default();
        Ok(block_of(&String::from_utf8_lossy(&bytes)).map(str::to_owned))
    };
    let parents = repository.details(commit)?.parents;
    let mut changed = BTreeSet::new();
    for file in root_files() {
        let found = block_at(commit, file.path)?;
        let mut is_known = parents.is_empty();
        for parent in &parents {
            is_known |= block_at(*parent, file.path)? == found;
        }
        if !is_known {
            changed.insert(file.path);
        }
    }
    Ok(changed)
}

enum Owner {
    Cluster(ClusterName),
    Ztgit,
    User,
}

/// Whose a path is, by where it stands.
fn owner(path: &str) -> Owner {
    let segments: Vec<&str> = path.split('/').collect();
    let cluster = match segments.as_slice() {
        ["clusters", cluster, "ztgit", ..] | ["rendered" | "hosts", cluster, ..] => *cluster,
        [".ztgit", "inventory", file] => file.trim_end_matches(".json"),
        [".ztgit", ..] => return Owner::Ztgit,
        _ => return Owner::User,
    };
    match (ClusterName::new(cluster), TreePath::new(path)) {
        (Some(cluster), Ok(_)) => Owner::Cluster(cluster),
        _ => Owner::Ztgit,
    }
}
