//! Reads commits and their relation to each other.

use std::collections::BTreeSet;

use git2::{Commit, Oid, Repository, Sort};

use super::damage;
use super::error::Error;
use super::id::CommitId;
use super::paths;
use super::repository::FleetRepository;
use super::signature::Signature;
use super::worktree::between;

/// What a commit says beside its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitDetails {
    /// The commit.
    pub id: CommitId,
    /// The commits it builds on; none for the first, several for a merge.
    pub parents: Vec<CommitId>,
    /// Who made the change.
    pub author: Signature,
    /// Who made the commit.
    pub committer: Signature,
    /// The message, trailers included.
    pub message: String,
}

impl FleetRepository {
    /// What a commit says beside its files.
    pub fn details(&self, commit: CommitId) -> Result<CommitDetails, Error> {
        let found = find(&self.repository, commit)?;
        Ok(CommitDetails {
            id: commit,
            parents: found.parent_ids().map(CommitId).collect(),
            author: found.author().into(),
            committer: found.committer().into(),
            message: String::from_utf8_lossy(found.message_bytes()).into_owned(),
        })
    }

    /// Every path whose content or mode differs between `commit` and `parent`,
    /// where no parent means an empty tree.
    pub fn changed_paths(
        &self,
        commit: CommitId,
        parent: Option<CommitId>,
    ) -> Result<BTreeSet<String>, Error> {
        let old = parent
            .map(|parent| tree_of(&self.repository, parent))
            .transpose()?;
        let new = tree_of(&self.repository, commit)?;
        let edits = between(&self.repository, old, new)?;
        Ok(edits
            .iter()
            .map(|edit| paths::readable_path(&edit.path))
            .collect())
    }

    /// `from` and its ancestors, no commit before one that builds on it. All of them
    /// are read before the first one comes.
    ///
    /// A shallow clone ends where its history was cut off.
    pub fn history(
        &self,
        from: CommitId,
    ) -> Result<impl Iterator<Item = Result<CommitId, Error>> + '_, Error> {
        self.walk(from, Sort::TOPOLOGICAL)
    }

    /// The same for those who stop early: of several branches the commit with the later
    /// date first, and none is read that nobody asks for but the parents of the last.
    pub fn newest_first(
        &self,
        from: CommitId,
    ) -> Result<impl Iterator<Item = Result<CommitId, Error>> + '_, Error> {
        // Any order that libgit2 is asked for makes it read everything first.
        self.walk(from, Sort::NONE)
    }

    fn walk(
        &self,
        from: CommitId,
        order: Sort,
    ) -> Result<impl Iterator<Item = Result<CommitId, Error>> + '_, Error> {
        let failed = |source| self.failed("walk the history", source);
        let mut walk = self.repository.revwalk().map_err(failed)?;
        walk.set_sorting(order).map_err(failed)?;
        walk.push(from.0).map_err(failed)?;
        Ok(walk.map(move |step| step.map(CommitId).map_err(failed)))
    }

    /// Whether `ancestor` is `commit` or one of those it builds on.
    pub fn is_ancestor(&self, ancestor: CommitId, commit: CommitId) -> Result<bool, Error> {
        is_ancestor(&self.repository, ancestor, commit)
    }
}

pub(super) fn is_ancestor(
    repository: &Repository,
    ancestor: CommitId,
    commit: CommitId,
) -> Result<bool, Error> {
    if ancestor == commit {
        return Ok(true);
    }
    // A commit that is not here, as in a shallow clone, is no ancestor that we know of.
    if repository.find_commit(ancestor.0).is_err() {
        return Ok(false);
    }
    repository
        .graph_descendant_of(commit.0, ancestor.0)
        .map_err(|source| damage::explain(repository, "walk the history", source))
}

pub(super) fn find(repository: &Repository, commit: CommitId) -> Result<Commit<'_>, Error> {
    repository
        .find_commit(commit.0)
        .map_err(|source| damage::explain(repository, &format!("read the commit {commit}"), source))
}

pub(super) fn tree_of(repository: &Repository, commit: CommitId) -> Result<Oid, Error> {
    find(repository, commit).map(|commit| commit.tree_id())
}
