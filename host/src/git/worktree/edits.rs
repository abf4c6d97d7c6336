//! Two trees in, the paths that differ out.

use std::path::PathBuf;

use git2::{Delta, DiffFile, Oid, Repository};

use crate::git::damage;
use crate::git::error::Error;

/// One path that differs.
#[derive(Clone)]
pub(in crate::git) struct Edit {
    pub(in crate::git) path: PathBuf,
    /// What is there; nothing if it is new.
    pub(in crate::git) source: Option<Target>,
    /// What it becomes; nothing if it goes.
    pub(in crate::git) target: Option<Target>,
}

/// A tree entry that is not a directory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::git) struct Target {
    pub(in crate::git) mode: u32,
    pub(in crate::git) id: Oid,
}

impl Target {
    fn of(file: &DiffFile<'_>) -> Self {
        Self {
            mode: file.mode().into(),
            id: file.id(),
        }
    }

    /// Submodules have an entry in the index only.
    pub(super) fn is_in_work_tree(self) -> bool {
        self.mode != 0o160_000
    }
}

/// What leads from `old`, or from nothing, to `new`; equal subtrees are not read.
pub(in crate::git) fn between(
    repository: &Repository,
    old: Option<Oid>,
    new: Oid,
) -> Result<Vec<Edit>, Error> {
    let failed = |source| damage::explain(repository, "compare two trees", source);
    let old = old
        .map(|tree| repository.find_tree(tree))
        .transpose()
        .map_err(failed)?;
    let new = repository.find_tree(new).map_err(failed)?;
    let diff = repository
        .diff_tree_to_tree(old.as_ref(), Some(&new), None)
        .map_err(failed)?;
    let edits = diff.deltas().filter_map(|delta| {
        let (old, new) = (delta.old_file(), delta.new_file());
        let path = new.path().or(old.path())?;
        Some(Edit {
            path: path.to_owned(),
            source: (delta.status() != Delta::Added).then(|| Target::of(&old)),
            target: (delta.status() != Delta::Deleted).then(|| Target::of(&new)),
        })
    });
    Ok(edits.collect())
}
