//! The fleet repository: one branch of it, opened or created.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use git2::{Config, Repository};

use super::branch::{self, BranchName, HEADS};
use super::error::Error;
use super::id::CommitId;
use super::lock::Patience;
use super::signature::Identity;
use super::signing::Signer;
use super::snapshot::Snapshot;
use super::{damage, open};

/// A repository together with the branch that renders go to.
///
/// The branch need not exist yet, and need not be checked out anywhere.
pub struct FleetRepository {
    pub(super) repository: Repository,
    pub(super) branch: BranchName,
    pub(super) patience: Patience,
    pub(super) signer: Option<Signer>,
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
            signer: None,
        })
    }

    /// Opens the repository at `path`, or makes one there with `branch` to begin with.
    pub fn open_or_create(path: &Path, branch: &str) -> Result<(Self, Opened), Error> {
        match Self::open(path, branch) {
            Err(Error::NoRepository { .. }) => {}
            result => return result.map(|repository| (repository, Opened::Existing)),
        }
        let branch = BranchName::new(branch)?;
        let (repository, opened) = open::create(path, &branch)?;
        Ok((
            Self {
                repository,
                branch,
                patience: Patience::default(),
                signer: None,
            },
            opened,
        ))
    }

    /// Takes a repository away that was made by this run, unless somebody has
    /// committed to it meanwhile, to whichever branch.
    pub fn remove_if_unborn(self) -> Result<(), Error> {
        let is_unborn = || Ok::<_, Error>(self.references_below("refs/", "")?.is_empty());
        // Without the lock first: after a commit there is nothing to wait for.
        if !is_unborn()? {
            return Ok(());
        }
        let _lock = self.lock()?;
        if is_unborn()? {
            open::remove(self.repository.path())?;
        }
        Ok(())
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

    /// The same repository, with another branch.
    pub fn on_branch(&self, branch: &str) -> Result<Self, Error> {
        let mut repository = Self::open(self.repository.path(), branch)?;
        repository.patience = self.patience;
        repository.signer.clone_from(&self.signer);
        Ok(repository)
    }

    /// The branches below a folder of branches, such as `deploy`, with their tips.
    pub fn branches_below(&self, folder: &str) -> Result<BTreeMap<String, CommitId>, Error> {
        self.references_below(&format!("{HEADS}{folder}/"), HEADS)
    }

    /// References with a prefix; their names without another prefix.
    pub(super) fn references_below(
        &self,
        prefix: &str,
        without: &str,
    ) -> Result<BTreeMap<String, CommitId>, Error> {
        let failed = |source| self.failed("list branches", source);
        let found = self.repository.references_glob(&format!("{prefix}*"));
        let mut tips = BTreeMap::new();
        for reference in found.map_err(failed)? {
            let reference = reference.map_err(failed)?;
            let name = reference.name().map_err(failed)?;
            if let (Some(short), Some(tip)) = (name.strip_prefix(without), reference.target()) {
                tips.insert(short.to_owned(), CommitId(tip));
            }
        }
        Ok(tips)
    }

    /// Whether a commit is here.
    pub fn has(&self, commit: CommitId) -> bool {
        self.repository.find_commit(commit.0).is_ok()
    }

    /// The files of a commit.
    pub fn snapshot(&self, commit: CommitId) -> Result<Snapshot<'_>, Error> {
        Snapshot::of(&self.repository, commit)
    }

    /// Who git's configuration says the user is.
    pub fn identity(&self) -> Result<Option<Identity>, Error> {
        let config = self.configuration()?;
        let identity = config
            .get_string("user.name")
            .ok()
            .zip(config.get_string("user.email").ok());
        Ok(identity.map(|(name, email)| Identity { name, email }))
    }

    /// The address of a remote, without who one is there.
    pub fn remote_address(&self, name: &str) -> Result<Option<String>, Error> {
        let config = self.configuration()?;
        let address = config.get_string(&format!("remote.{name}.url")).ok();
        Ok(address.map(|address| match address.split_once("://") {
            Some((scheme, rest)) => {
                let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                let host = host.rsplit('@').next().unwrap_or(host);
                format!("{scheme}://{host}{path}")
            }
            None => address,
        }))
    }

    /// Git's configuration, as it is now.
    pub(super) fn configuration(&self) -> Result<Config, Error> {
        self.repository
            .config()
            .and_then(|mut config| config.snapshot())
            .map_err(|source| self.failed("read the configuration", source))
    }

    pub(super) fn failed(&self, operation: &str, source: git2::Error) -> Error {
        damage::explain(&self.repository, operation, source)
    }
}
