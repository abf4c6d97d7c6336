//! Finds what an update of a work tree would lose.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use git2::{Index, IndexEntry, ObjectType, Oid, Repository, Status, StatusOptions};

use super::files;
use super::index::SKIP_WORKTREE;
use crate::git::error::Error;
use crate::git::{damage, paths};

const ASSUME_UNCHANGED: u16 = 1 << 15;

/// The paths with changes that are in no commit, staged or not, tracked or not,
/// at or below `managed` and at `touched`.
pub(super) fn uncommitted(
    root: &Path,
    repository: &Repository,
    index: &Index,
    managed: &BTreeSet<&Path>,
    touched: &BTreeSet<&Path>,
) -> Result<BTreeSet<String>, Error> {
    let mut found = changed(repository, index, managed, touched)?;
    for path in managed.iter().chain(touched) {
        let obstacle = files::obstacle_above(root, path);
        if let Some(obstacle) = obstacle.filter(|path| !is_as_committed(root, index, path)) {
            found.insert(paths::readable_path(&obstacle));
        }
    }
    found.extend(
        touched
            .iter()
            .filter(|path| is_hidden_edit(root, index, path))
            .map(|path| paths::readable_path(path)),
    );
    Ok(found)
}

/// Whether a file or link in the place of a directory is what the index has there:
/// then the trees decide about it, as it can come back from a commit.
fn is_as_committed(root: &Path, index: &Index, path: &Path) -> bool {
    let linked = root.join(path).is_symlink();
    index
        .get_path(path, 0)
        .is_some_and(|entry| (entry.mode == 0o120_000) == linked)
}

/// What `git status` would list.
fn changed(
    repository: &Repository,
    index: &Index,
    managed: &BTreeSet<&Path>,
    touched: &BTreeSet<&Path>,
) -> Result<BTreeSet<String>, Error> {
    let mut options = StatusOptions::new();
    options
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .exclude_submodules(true)
        .disable_pathspec_match(true);
    let single = touched
        .iter()
        .filter(|path| !path.ancestors().any(|above| managed.contains(above)));
    let mut any = false;
    for path in managed.iter().chain(single) {
        options.pathspec(paths::bytes(path));
        any = true;
    }
    if !any {
        // No path at all would mean every path.
        return Ok(BTreeSet::new());
    }
    let statuses = repository
        .statuses(Some(&mut options))
        .map_err(|source| damage::explain(repository, "compare the work tree", source))?;
    let changed = statuses.iter().filter(|entry| {
        let path = paths::from_bytes(entry.path_bytes());
        let skipped = || {
            index
                .get_path(path, 0)
                .is_some_and(|entry| is_skipped(&entry))
        };
        !(entry.status() == Status::WT_DELETED && skipped())
    });
    Ok(changed
        .map(|entry| paths::readable(entry.path_bytes()))
        .collect())
}

/// What `git status` does not list: a file that is ignored, or one whose
/// changes git was told not to look at.
fn is_hidden_edit(root: &Path, index: &Index, path: &Path) -> bool {
    let place = root.join(path);
    match (fs::symlink_metadata(&place), index.get_path(path, 0)) {
        // Untracked files below it were listed; without any it can go.
        (Ok(metadata), _) if metadata.is_dir() => {
            fs::read_dir(&place).is_ok_and(|mut entries| entries.next().is_some())
                && !has_entries_below(index, path)
        }
        (Ok(_), None) => true,
        (Ok(_), Some(entry)) if is_skipped(&entry) || is_assumed_unchanged(&entry) => {
            Oid::hash_file(ObjectType::Blob, &place) != Ok(entry.id)
        }
        (Err(_), _) | (Ok(_), Some(_)) => false,
    }
}

fn has_entries_below(index: &Index, directory: &Path) -> bool {
    let mut prefix = paths::bytes(directory).to_vec();
    prefix.push(b'/');
    index.find_prefix(prefix).is_ok()
}

fn is_skipped(entry: &IndexEntry) -> bool {
    entry.flags_extended & SKIP_WORKTREE != 0
}

fn is_assumed_unchanged(entry: &IndexEntry) -> bool {
    entry.flags & ASSUME_UNCHANGED != 0
}
