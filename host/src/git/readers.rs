//! Reading a repository from several threads: libgit2 wants a handle for each.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use git2::{Odb, Repository};

use super::commit::Change;
use super::draft::Draft;
use super::error::Error;
use super::id::{BlobId, CommitId};
use super::object::Object;
use super::repository::FleetRepository;
use super::snapshot::Snapshot;
use super::{damage, open};

/// Handles of one repository, as many as are in use at a time.
pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Reader>>,
}

/// One handle.
pub struct Reader(Repository);

impl FleetRepository {
    /// Handles for other threads.
    pub fn readers(&self) -> Readers {
        Readers {
            path: self.repository.path().to_owned(),
            idle: Mutex::default(),
        }
    }
}

impl Readers {
    /// Does something with a handle that nobody else uses meanwhile.
    pub fn with<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&Reader) -> Result<T, E>,
    ) -> Result<T, E> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let reader = match taken {
            Some(reader) => reader,
            None => Reader(open::at(&self.path)?),
        };
        let result = work(&reader);
        idle().push(reader);
        result
    }
}

impl Reader {
    pub(super) fn repository(&self) -> &Repository {
        &self.0
    }

    /// The files of a commit.
    pub fn snapshot(&self, commit: CommitId) -> Result<Snapshot<'_>, Error> {
        Snapshot::of(&self.0, commit)
    }

    /// Moves contents of changes, each with its name, into a draft, so that they need
    /// no memory.
    pub fn store<'c>(
        &self,
        changes: impl IntoIterator<Item = (BlobId, &'c mut Change)>,
        draft: &Draft,
    ) -> Result<(), Error> {
        let mut objects = Vec::new();
        for (id, change) in changes {
            if let Change::Write { bytes, mode } = change {
                objects.push(Object::blob(id, std::mem::take(bytes)));
                *change = Change::Stored { id, mode: *mode };
            }
        }
        self.add(&objects, draft)
    }

    pub(super) fn add(&self, objects: &[Object<'_>], draft: &Draft) -> Result<(), Error> {
        draft.add(&self.odb()?, objects)
    }

    fn odb(&self) -> Result<Odb<'_>, Error> {
        self.0
            .odb()
            .map_err(|source| damage::explain(&self.0, "open the objects", source))
    }
}
