//! Changes in, a commit on the branch out.
//!
//! The order of a commit: the writer lock, then the work trees are locked and
//! found clean, then the objects are written and synchronised, then the branch
//! moves, then the work trees follow. Whatever fails before the branch moves
//! leaves everything as it was; what is left undone after that the next holder
//! of the lock does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::branch;
use super::draft::Draft;
use super::error::Error;
use super::history::{find, is_ancestor, tree_of};
use super::id::{BlobId, CommitId};
use super::journal::{BranchMove, Journal};
use super::object::{Kind, Object};
use super::repository::FleetRepository;
use super::signature::Signature;
use super::signing::with_signature;
use super::trees;
use super::worktree::{self, Update};
use crate::tree::{FileMode, TreePath};

/// What happens to one path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The file gets this content, whether it is there yet or not.
    Write {
        /// The content.
        bytes: Vec<u8>,
        /// Executable or not.
        mode: FileMode,
    },
    /// The file gets this content, which a [`Draft`] has.
    Stored {
        /// The content.
        id: BlobId,
        /// Executable or not.
        mode: FileMode,
    },
    /// The file goes.
    Remove,
}

impl Change {
    /// Whether the file is there after it.
    pub(super) fn writes(&self) -> bool {
        !matches!(self, Self::Remove)
    }
}

/// A commit to be made.
#[derive(Debug, Clone)]
pub struct Commit {
    /// Where the branch must be for the commit to be made; none if it is yet to be born.
    pub tip: Option<CommitId>,
    /// The commit's parent: the tip itself, or a fetched commit that contains it.
    pub base: Option<CommitId>,
    /// What differs from the base.
    pub changes: BTreeMap<TreePath, Change>,
    /// The files, and directories with everything below, that the caller owns:
    /// no uncommitted change, symbolic link or submodule is tolerated there.
    pub managed: BTreeSet<TreePath>,
    /// The message, trailers included.
    pub message: String,
    /// Who made the change.
    pub author: Signature,
    /// Who makes the commit.
    pub committer: Signature,
}

/// What became of a commit to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is there.
    Committed(CommitId),
    /// The changes leave the base as it is, so there is nothing to commit.
    Unchanged,
}

impl FleetRepository {
    /// A pack for the objects of a commit to come.
    pub fn draft(&self) -> Draft {
        Draft::new(self.repository.commondir().join("objects"))
    }

    /// Makes a commit and moves the branch to it.
    pub fn commit(&self, commit: &Commit) -> Result<Outcome, Error> {
        self.commit_draft(commit, &self.draft())
    }

    /// Makes a commit, some of whose contents are in a draft, and moves the branch.
    pub fn commit_draft(&self, commit: &Commit, draft: &Draft) -> Result<Outcome, Error> {
        let _lock = self.lock()?;
        self.require_tip(commit.tip, commit.base)?;
        let fetched_paths = match commit.base {
            Some(base) if commit.base != commit.tip => self.touched(commit.tip, base)?,
            _ => Vec::new(),
        };
        let written = commit.changes.keys().map(path);
        let touched = written
            .chain(fetched_paths.iter().map(AsRef::as_ref))
            .collect();
        let updates = self.begin(&commit.managed, &touched)?;
        match self.store(commit, draft)? {
            Outcome::Unchanged => Ok(Outcome::Unchanged),
            Outcome::Committed(new) => {
                self.move_branch(commit.tip, new, updates)?;
                Ok(Outcome::Committed(new))
            }
        }
    }

    /// Makes a commit that no branch points to yet, so that it can be pushed
    /// first and [`advance`](Self::advance) follows once the remote has it.
    pub fn write(&self, commit: &Commit, draft: &Draft) -> Result<Outcome, Error> {
        let _lock = self.lock()?;
        self.store(commit, draft)
    }

    /// Moves the branch from `tip` to `new`, which must contain it.
    pub fn advance(
        &self,
        tip: Option<CommitId>,
        new: CommitId,
        managed: &BTreeSet<TreePath>,
    ) -> Result<(), Error> {
        let _lock = self.lock()?;
        self.require_tip(tip, Some(new))?;
        let touched = self.touched(tip, new)?;
        let updates = self.begin(managed, &touched.iter().map(AsRef::as_ref).collect())?;
        self.move_branch(tip, new, updates)
    }

    /// Fails if a commit would be refused for the state of a work tree: an
    /// unfinished merge, or uncommitted changes at or below `managed`.
    pub fn require_clean(&self, managed: &BTreeSet<TreePath>) -> Result<(), Error> {
        let _lock = self.lock()?;
        self.begin(managed, &BTreeSet::new()).map(|_| ())
    }

    fn begin(
        &self,
        managed: &BTreeSet<TreePath>,
        touched: &BTreeSet<&Path>,
    ) -> Result<Vec<Update>, Error> {
        let managed = managed.iter().map(path).collect();
        worktree::begin(
            &self.repository,
            &self.branch,
            &managed,
            touched,
            self.patience,
        )
    }

    fn require_tip(&self, tip: Option<CommitId>, base: Option<CommitId>) -> Result<(), Error> {
        let found = self.tip()?;
        if found != tip {
            let branch = self.branch().to_owned();
            return Err(Error::TipMoved {
                branch,
                expected: tip,
                found,
            });
        }
        match (tip, base) {
            (Some(tip), Some(base)) if !is_ancestor(&self.repository, tip, base)? => {
                Err(Error::NotFastForward { base, tip })
            }
            (Some(tip), None) => Err(Error::TipMoved {
                branch: self.branch().to_owned(),
                expected: None,
                found: Some(tip),
            }),
            _ => Ok(()),
        }
    }

    fn touched(&self, old: Option<CommitId>, new: CommitId) -> Result<Vec<PathBuf>, Error> {
        let old = old.map(|old| tree_of(&self.repository, old)).transpose()?;
        let edits = worktree::between(&self.repository, old, tree_of(&self.repository, new)?)?;
        Ok(edits.into_iter().map(|edit| edit.path).collect())
    }

    /// Writes the objects, so that they survive a crash.
    fn store(&self, commit: &Commit, draft: &Draft) -> Result<Outcome, Error> {
        let base = commit
            .base
            .map(|base| tree_of(&self.repository, base))
            .transpose()?;
        if let Some(base) = base {
            trees::refuse_foreign(&self.repository, base, &commit.managed)?;
        }
        let root = trees::build(&self.readers(), base, &commit.changes, draft)?;
        if base == Some(root) {
            return Ok(Outcome::Unchanged);
        }
        let object = self.commit_object(commit, root)?;
        let id = object.id;
        self.store_objects(&[object], draft)?;
        Ok(Outcome::Committed(CommitId(id)))
    }

    /// Writes objects, with what the draft has already, as one pack. Only the
    /// holder of the lock may.
    pub(super) fn store_objects(&self, objects: &[Object<'_>], draft: &Draft) -> Result<(), Error> {
        let odb = self
            .repository
            .odb()
            .map_err(|source| self.failed("open the objects", source))?;
        draft.add(&odb, objects)?;
        draft.publish()
    }

    /// The commit of a tree, signed where commits are to be.
    pub(super) fn commit_object(
        &self,
        commit: &Commit,
        tree: git2::Oid,
    ) -> Result<Object<'static>, Error> {
        let mut bytes = serialize(commit, tree)?;
        if let Some(signer) = &self.signer {
            bytes = with_signature(&bytes, &signer.sign(&bytes)?);
        }
        Object::new(Kind::Commit, bytes)
    }

    fn move_branch(
        &self,
        tip: Option<CommitId>,
        new: CommitId,
        updates: Vec<Update>,
    ) -> Result<(), Error> {
        let old_tree = tip.map(|tip| tree_of(&self.repository, tip)).transpose()?;
        let found = find(&self.repository, new)?;
        let summary = String::from_utf8_lossy(found.summary_bytes().unwrap_or_default());
        let log = format!("commit (ztgit): {summary}");
        let journal = Journal::of(self.repository.commondir());
        journal.begin(&BranchMove {
            branch: self.branch.clone(),
            from: tip,
            to: new,
            process: std::process::id(),
        })?;
        branch::advance(
            &self.repository,
            &self.branch,
            tip,
            new,
            &log,
            self.patience,
        )?;
        self.follow(new, (old_tree, found.tree_id()), updates)?;
        // A lock that could not be removed is left to the next writer.
        if !self.branch.lock(&self.repository).exists() {
            journal.end();
        }
        Ok(())
    }

    /// Brings work trees from one tree to another.
    fn follow(
        &self,
        new: CommitId,
        (old_tree, new_tree): (Option<git2::Oid>, git2::Oid),
        updates: Vec<Update>,
    ) -> Result<(), Error> {
        if updates.is_empty() {
            return Ok(());
        }
        let edits = worktree::between(&self.repository, old_tree, new_tree)?;
        for update in updates {
            let path = update.root().to_owned();
            update
                .finish(&edits)
                .map_err(|source| Error::WorkTreeBehind {
                    commit: new,
                    path,
                    source: Box::new(source),
                })?;
        }
        Ok(())
    }
}

/// The commit object's content, which is what a signature is over.
fn serialize(commit: &Commit, tree: git2::Oid) -> Result<Vec<u8>, Error> {
    if commit.message.contains('\0') {
        return Err(Error::CommitText { part: "message" });
    }
    let parent = commit
        .base
        .map(|base| format!("parent {base}\n"))
        .unwrap_or_default();
    let text = format!(
        "tree {tree}\n{parent}author {}\ncommitter {}\n\n{}\n",
        commit.author.to_header(),
        commit.committer.to_header(),
        commit.message.trim_end()
    );
    Ok(text.into_bytes())
}

fn path(path: &TreePath) -> &Path {
    Path::new(path.as_str())
}
