//! The repository that a stack lies in: read only, for the provenance of a render.
//!
//! A stack is files below a directory. The caller says by name which files
//! belong to it, so that a README beside them makes no difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use git2::{ErrorCode, Repository};

use super::error::Error;
use super::history::is_ancestor;
use super::id::{BlobId, CommitId};
use super::open;
use super::paths;
use super::snapshot::{EntryKind, Listed, Snapshot};

/// A directory inside a repository's work tree.
pub struct SourceRepository {
    repository: Repository,
    prefix: String,
}

impl SourceRepository {
    /// Finds the repository whose work tree `directory` lies in, if there is one.
    pub fn discover(directory: &Path) -> Result<Option<Self>, Error> {
        let absolute =
            |path: &Path| fs::canonicalize(path).map_err(|source| Error::io("find", path, source));
        let directory = absolute(directory)?;
        let Some(repository) = open::around(&directory)? else {
            return Ok(None);
        };
        let Some(root) = repository.workdir().map(absolute).transpose()? else {
            return Ok(None);
        };
        let Ok(prefix) = directory.strip_prefix(root) else {
            return Ok(None);
        };
        let prefix = paths::readable_path(prefix);
        Ok(Some(Self { repository, prefix }))
    }

    /// The directory's path inside the repository; empty for the root.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The commit that is checked out, or none if there is no commit yet.
    pub fn head(&self) -> Result<Option<CommitId>, Error> {
        match self
            .repository
            .head()
            .and_then(|head| head.peel_to_commit())
        {
            Ok(commit) => Ok(Some(CommitId(commit.id()))),
            Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => {
                Ok(None)
            }
            Err(source) => Err(super::damage::explain(
                &self.repository,
                "read HEAD",
                source,
            )),
        }
    }

    /// Whether the repository has this commit.
    pub fn contains(&self, commit: CommitId) -> bool {
        self.repository.find_commit(commit.0).is_ok()
    }

    /// Whether `ancestor` is `commit` or one of those it builds on.
    pub fn is_ancestor(&self, ancestor: CommitId, commit: CommitId) -> Result<bool, Error> {
        is_ancestor(&self.repository, ancestor, commit)
    }

    /// The paths below the directory at which `files` and the `commit` differ:
    /// other content, or a file that only one of the two has. None of them means
    /// that the files are exactly the commit's.
    pub fn differences(
        &self,
        commit: CommitId,
        files: &BTreeMap<String, Vec<u8>>,
        belongs: impl Fn(&str) -> bool,
    ) -> Result<BTreeSet<String>, Error> {
        let mut committed = self.list(commit, &belongs)?;
        let mut different = BTreeSet::new();
        for (path, bytes) in files {
            let same = match committed.remove(path) {
                Some(listed) => {
                    matches!(listed.kind, EntryKind::File(_)) && listed.id == BlobId::of(bytes)?
                }
                None => false,
            };
            if !same {
                different.insert(path.clone());
            }
        }
        different.extend(committed.into_keys());
        Ok(different)
    }

    /// The files below the directory as `commit` has them, those that `belongs`
    /// picks by their path from the directory.
    pub fn read(
        &self,
        commit: CommitId,
        belongs: impl Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let snapshot = Snapshot::of(&self.repository, commit)?;
        let listed = self.list(commit, &belongs)?;
        let files = listed
            .into_iter()
            .filter(|(_, listed)| matches!(listed.kind, EntryKind::File(_)));
        files
            .map(|(path, listed)| Ok((path, snapshot.read_blob(listed.id)?)))
            .collect()
    }

    fn list(
        &self,
        commit: CommitId,
        belongs: &impl Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, Listed>, Error> {
        let listed = Snapshot::of(&self.repository, commit)?.list(&self.prefix)?;
        let below = listed.into_iter().filter_map(|(path, listed)| {
            let path = path
                .strip_prefix(&self.prefix)?
                .trim_start_matches('/')
                .to_owned();
            belongs(&path).then_some((path, listed))
        });
        Ok(below.collect())
    }
}
