//! Work trees that a writer left on their way from one commit to the next, in; the
//! same at that commit, out. What somebody has changed since stays as it is.

use std::path::PathBuf;

use git2::Repository;

use super::edits::{Edit, Target};
use super::index::IndexTransaction;
use super::sparse::Sparse;
use super::{Update, files, holding, refuse_unfinished};
use crate::git::error::Error;
use crate::git::journal::BranchMove;
use crate::git::lock::Patience;

/// Does the rest of `edits` in each work tree that has the branch checked out, and
/// gives those where there was something to do.
pub(in crate::git) fn catch_up(
    repository: &Repository,
    movement: &BranchMove,
    edits: &[Edit],
    patience: Patience,
) -> Result<Vec<PathBuf>, Error> {
    let mut caught_up = Vec::new();
    for (root, repository) in holding(repository, &movement.branch)? {
        refuse_unfinished(&root, &repository)?;
        let sparse = Sparse::of(&repository)?;
        let index = IndexTransaction::begin(&repository, patience.git)?;
        for edit in edits {
            files::remove_left_over(&root, &edit.path, movement.process);
        }
        let update = Update {
            root: root.clone(),
            repository,
            index,
            sparse,
        };
        let rest: Vec<Edit> = edits
            .iter()
            .filter(|edit| update.lacks(edit))
            .cloned()
            .collect();
        if !rest.is_empty() {
            update.finish(&rest)?;
            caught_up.push(root);
        }
    }
    Ok(caught_up)
}

impl Update {
    /// Whether an edit was not done, or only on disk, and nobody has changed anything
    /// at its path.
    fn lacks(&self, edit: &Edit) -> bool {
        let entry = self.index.target(&edit.path);
        let on_disk = |target: Option<Target>| {
            let absent = self.sparse.excludes(&edit.path);
            files::holds(&self.root, &edit.path, target.filter(|_| !absent))
        };
        entry == edit.source && (on_disk(edit.source) || on_disk(edit.target))
    }
}
