//! The fleet repository: one branch of it, opened or created.

use std::path::{Path, PathBuf};

use git2::Repository;

use super::branch::{self, BranchName};
use super::error::Error;
use super::id::CommitId;
use super::lock::Patience;
use super::signature::Identity;
use super::snapshot::Snapshot;
use super::{damage, open};

/// A repository together with the branch that renders go to.
///
/// The branch need not exist yet, and need not be checked out anywhere.
pub struct FleetRepository {
    pub(super) repository: Repository,
    pub(super) branch: BranchName,
    pub(super) patience: Patience,
}

/// Whether a repository was there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// It was.
    Existing,
    /// It has been made just now.
    Created,
}

impl FleetRepository {
    /// Opens the repository at `path`: a work tree, a linked one, or a git directory.
    pub fn open(path: &Path, branch: &str) -> Result<Self, Error> {
        let branch = BranchName::new(branch)?;
        Ok(Self {
            repository: open::at(path)?,
            branch,
            patience: Patience::default(),
        })
    }

    /// Opens the repository at `path`, or makes one there with `branch` to begin with.
    pub fn open_or_create(path: &Path, branch: &str) -> Result<(Self, Opened), Error> {
        match Self::open(path, branch) {
            Err(Error::NoRepository { .. }) => {}
            result => return result.map(|repository| (repository, Opened::Existing)),
        }
        let branch = BranchName::new(branch)?;
        let repository = open::create(path, &branch)?;
        Ok((
            Self {
                repository,
                branch,
                patience: Patience::default(),
            },
            Opened::Created,
        ))
    }

    /// Changes how long locks of others are waited for.
    pub fn set_patience(&mut self, patience: Patience) {
        self.patience = patience;
    }

    /// The branch's short name.
    pub fn branch(&self) -> &str {
        self.branch.short()
    }

    /// Where the repository is: its work tree, or its git directory if it has none.
    pub fn path(&self) -> PathBuf {
        self.repository
            .workdir()
            .unwrap_or_else(|| self.repository.path())
            .to_owned()
    }

    /// The commit that the branch is at, or none if it is yet to be born.
    pub fn tip(&self) -> Result<Option<CommitId>, Error> {
        branch::tip(&self.repository, &self.branch)
    }

    /// The files of a commit.
    pub fn snapshot(&self, commit: CommitId) -> Result<Snapshot<'_>, Error> {
        Snapshot::of(&self.repository, commit)
    }

    /// Who git's configuration says the user is.
    pub fn identity(&self) -> Result<Option<Identity>, Error> {
        let failed = |source| self.failed("read the configuration", source);
        let config = self
            .repository
            .config()
            .and_then(|mut config| config.snapshot());
        let config = config.map_err(failed)?;
        let identity = config
            .get_string("user.name")
            .ok()
            .zip(config.get_string("user.email").ok());
        Ok(identity.map(|(name, email)| Identity { name, email }))
    }

    pub(super) fn failed(&self, operation: &str, source: git2::Error) -> Error {
        damage::explain(&self.repository, operation, source)
    }
}
