//! The work trees that have the branch checked out follow it; no other does.
//!
//! [`begin`] takes git's lock on each one's index and refuses if there is
//! anything to lose; [`Update::finish`] then, once the branch has moved, writes
//! the paths that differ between the two trees, and those alone. [`catch_up`] does
//! the rest of that where a writer did not come to the end of it.

mod catch_up;
mod edits;
mod files;
mod guard;
mod index;
mod sparse;

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use git2::{Repository, RepositoryState};

use super::branch::BranchName;
use super::error::Error;
use super::lock::Patience;
use super::{damage, open};
use index::IndexTransaction;
use sparse::Sparse;

pub(super) use catch_up::catch_up;
pub(super) use edits::{Edit, between};

/// A work tree whose index is locked and which has nothing to lose.
pub(super) struct Update {
    root: PathBuf,
    repository: Repository,
    index: IndexTransaction,
    sparse: Sparse,
}

/// Prepares each work tree that has `branch` checked out.
///
/// `managed` are files and directories (with everything below) where no
/// uncommitted change is tolerated, `touched` the files about to be written or
/// removed.
pub(super) fn begin(
    repository: &Repository,
    branch: &BranchName,
    managed: &BTreeSet<&Path>,
    touched: &BTreeSet<&Path>,
    patience: Patience,
) -> Result<Vec<Update>, Error> {
    let mut updates = Vec::new();
    for (root, repository) in holding(repository, branch)? {
        refuse_unfinished(&root, &repository)?;
        let sparse = Sparse::of(&repository)?;
        let index = IndexTransaction::begin(&repository, patience.git)?;
        let paths = guard::uncommitted(&root, &repository, index.entries(), managed, touched)?;
        if !paths.is_empty() {
            return Err(Error::Dirty {
                path: root,
                paths: paths.into_iter().collect(),
            });
        }
        updates.push(Update {
            root,
            repository,
            index,
            sparse,
        });
    }
    Ok(updates)
}

impl Update {
    /// The work tree's directory.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Brings the work tree and its index to where `edits` lead.
    pub(super) fn finish(mut self, edits: &[Edit]) -> Result<(), Error> {
        let (removed, written): (Vec<&Edit>, Vec<&Edit>) =
            edits.iter().partition(|edit| edit.target.is_none());
        for edit in removed {
            files::remove(&self.root, &edit.path)?;
            self.index.remove(&edit.path)?;
        }
        for edit in written {
            self.write(edit)?;
        }
        self.index.finish()
    }

    fn write(&mut self, edit: &Edit) -> Result<(), Error> {
        let Some(target) = edit.target else {
            return Ok(());
        };
        if !target.is_in_work_tree() {
            return self.index.add(&edit.path, target, None);
        }
        if self.sparse.excludes(&edit.path) {
            return self.index.add_skipped(&edit.path, target);
        }
        let blob = self.repository.find_blob(target.id).map_err(|source| {
            damage::explain(
                &self.repository,
                &format!("read the object {}", target.id),
                source,
            )
        })?;
        let metadata = files::write(&self.root, &edit.path, target.mode, blob.content())?;
        self.index.add(&edit.path, target, Some(&metadata))
    }
}

/// Every work tree, the main one and linked ones, that has the branch checked out.
fn holding(
    repository: &Repository,
    branch: &BranchName,
) -> Result<Vec<(PathBuf, Repository)>, Error> {
    let failed = |source| damage::explain(repository, "list the work trees", source);
    let mut candidates = vec![open::at(repository.commondir())?];
    for name in repository
        .worktrees()
        .map_err(failed)?
        .iter()
        .flatten()
        .flatten()
    {
        let linked = repository.find_worktree(name).map_err(failed)?;
        // One on a disk that is not there now cannot be updated, and git does not mind either.
        if linked.path().exists() {
            candidates.push(open::at(linked.path())?);
        }
    }
    let mut holding = Vec::new();
    for candidate in candidates {
        let root = candidate.workdir().map(Path::to_owned);
        if let Some(root) = root
            && is_checked_out(&candidate, branch)?
        {
            holding.push((root, candidate));
        }
    }
    Ok(holding)
}

/// A rebase detaches HEAD but will move the branch when it ends, so it counts.
///
/// What cannot be read is an error: a work tree that was passed over would stay behind
/// its branch, and nobody would know.
fn is_checked_out(repository: &Repository, branch: &BranchName) -> Result<bool, Error> {
    let head = repository
        .find_reference("HEAD")
        .map_err(|source| damage::explain(repository, "read HEAD", source))?;
    if head.symbolic_target().ok().flatten() == Some(branch.full()) {
        return Ok(true);
    }
    for directory in ["rebase-merge", "rebase-apply"] {
        let file = repository.path().join(directory).join("head-name");
        match fs::read(&file) {
            Ok(name) if name.trim_ascii_end() == branch.full().as_bytes() => return Ok(true),
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("read", file, error));
            }
            _ => {}
        }
    }
    Ok(false)
}

fn refuse_unfinished(root: &Path, repository: &Repository) -> Result<(), Error> {
    let operation = match repository.state() {
        RepositoryState::Clean | RepositoryState::Bisect => return Ok(()),
        RepositoryState::Merge => "a merge",
        RepositoryState::Revert | RepositoryState::RevertSequence => "a revert",
        RepositoryState::CherryPick | RepositoryState::CherryPickSequence => "a cherry-pick",
        RepositoryState::Rebase
        | RepositoryState::RebaseInteractive
        | RepositoryState::RebaseMerge => "a rebase",
        RepositoryState::ApplyMailbox | RepositoryState::ApplyMailboxOrRebase => {
            "applying of patches"
        }
    };
    Err(Error::InProgress {
        operation,
        path: root.to_owned(),
    })
}
