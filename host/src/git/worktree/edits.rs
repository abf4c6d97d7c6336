//! Two trees in, the paths that differ out.

use std::path::{Path, PathBuf};

use git2::{Delta, Oid, Repository};

use crate::git::damage;
use crate::git::error::Error;

/// One path that differs, and what it becomes; nothing if it goes.
pub(in crate::git) struct Edit {
    pub(in crate::git) path: PathBuf,
    pub(in crate::git) target: Option<Target>,
}

/// A tree entry that is not a directory.
#[derive(Clone, Copy)]
pub(in crate::git) struct Target {
    pub(in crate::git) mode: u32,
    pub(in crate::git) id: Oid,
}

impl Target {
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
        let removed = delta.status() == Delta::Deleted;
        let file = if removed {
            delta.old_file()
        } else {
            delta.new_file()
        };
        let target = (!removed).then(|| Target {
            mode: file.mode().into(),
            id: file.id(),
        });
        file.path().map(|path| Edit {
            path: Path::to_owned(path),
            target,
        })
    });
    Ok(edits.collect())
}
