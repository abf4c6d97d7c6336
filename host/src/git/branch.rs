//! Reads a branch and moves it by compare-and-swap, waiting for git's lock on it.

use std::path::PathBuf;

use git2::{Branch, ErrorCode, Oid, ReferenceType, Repository};

use super::damage;
use super::error::Error;
use super::id::CommitId;
use super::lock::{Patience, locked, wait_until};

/// Where branches are.
pub(super) const HEADS: &str = "refs/heads/";

/// A branch by its short name, known to be valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BranchName {
    short: String,
    full: String,
}

impl BranchName {
    pub(super) fn new(short: &str) -> Result<Self, Error> {
        match Branch::name_is_valid(short) {
            Ok(true) => Ok(Self {
                short: short.to_owned(),
                full: format!("{HEADS}{short}"),
            }),
            _ => Err(Error::BranchName {
                name: short.to_owned(),
            }),
        }
    }

    pub(super) fn short(&self) -> &str {
        &self.short
    }

    /// The name of the reference.
    pub(super) fn full(&self) -> &str {
        &self.full
    }

    /// The file that git makes to lock the branch.
    pub(super) fn lock(&self, repository: &Repository) -> PathBuf {
        repository.commondir().join(format!("{}.lock", self.full))
    }
}

/// The commit that the branch is at, or none if it is yet to be born.
pub(super) fn tip(repository: &Repository, branch: &BranchName) -> Result<Option<CommitId>, Error> {
    match repository.find_reference(branch.full()) {
        Ok(reference) if reference.kind() == Some(ReferenceType::Symbolic) => {
            Err(Error::SymbolicBranch {
                name: branch.short().to_owned(),
            })
        }
        Ok(reference) => Ok(reference.target().map(CommitId)),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(source) => Err(damage::explain(
            repository,
            &format!("read the branch `{}`", branch.short()),
            source,
        )),
    }
}

/// Moves the branch from `expected` to `new`, or not at all.
pub(super) fn advance(
    repository: &Repository,
    branch: &BranchName,
    expected: Option<CommitId>,
    new: CommitId,
    log: &str,
    patience: Patience,
) -> Result<(), Error> {
    let current = expected.map_or(Oid::ZERO_SHA1, |commit| commit.0);
    let moved = wait_until(patience.git, || {
        match repository.reference_matching(branch.full(), new.0, true, current, log) {
            Err(error) if error.code() == ErrorCode::Locked => None,
            result => Some(result.map(|_| ())),
        }
    });
    match moved {
        Some(Ok(())) => Ok(()),
        None => Err(locked(branch.lock(repository), None)),
        Some(Err(error)) if matches!(error.code(), ErrorCode::Modified | ErrorCode::NotFound) => {
            Err(Error::TipMoved {
                branch: branch.short().to_owned(),
                expected,
                found: tip(repository, branch)?,
            })
        }
        Some(Err(source)) => Err(damage::explain(
            repository,
            &format!("move the branch `{}`", branch.short()),
            source,
        )),
    }
}
