//! Objects of a commit in, one by one and from any thread; a pack and its index,
//! durably in the object database, out.
//!
//! Nothing of the contents is kept in memory: an object is compressed and appended
//! to a pack under a temporary name. The order of [`publish`](Draft::publish) is
//! what makes a crash harmless: both files are complete and on disk before either
//! has its name, the pack gets its name before the index that makes it visible, and
//! the directory is synchronised last. Whoever then points a reference at one of the
//! objects points at something that stays. A draft that is dropped leaves nothing.

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use git2::{Odb, OdbLookupFlags, Oid};
use rayon::prelude::*;
use tempfile::NamedTempFile;

use super::error::Error;
use super::object::Object;
use super::pack::{Encoded, Encoder, PackWriter};
use super::pack_index;
use crate::abandoned;

/// Objects that are compressed by one thread before another gets some: more than a
/// cluster has, as clusters are on all cores already.
const BATCH: usize = 1024;

/// How the names of unfinished packs and indices begin.
const PACK: &str = "tmp_pack_ztgit_";
const INDEX: &str = "tmp_idx_ztgit_";

/// A pack that nobody sees yet.
pub struct Draft {
    objects_directory: PathBuf,
    known: Mutex<BTreeSet<Oid>>,
    pack: Mutex<Option<PackWriter>>,
    /// Encoders that no thread uses now: a new one has a quarter of a megabyte to clear.
    idle: Mutex<Vec<Encoder>>,
}

impl Draft {
    /// A pack for this directory of objects; made with its first object.
    pub(super) fn new(objects_directory: PathBuf) -> Self {
        Self {
            objects_directory,
            known: Mutex::default(),
            pack: Mutex::default(),
            idle: Mutex::default(),
        }
    }

    /// Adds those objects that are neither here nor in the repository yet.
    pub(super) fn add(&self, odb: &Odb<'_>, objects: &[Object<'_>]) -> Result<(), Error> {
        // Without a refresh: looking for new packs at each of thousands of
        // misses would cost more than writing an object twice.
        let is_stored = |id| odb.exists_ext(id, OdbLookupFlags::NO_REFRESH);
        let wanted: Vec<&Object<'_>> = {
            let mut known = lock(&self.known);
            objects
                .iter()
                .filter(|object| known.insert(object.id))
                .collect()
        };
        let wanted: Vec<&Object<'_>> = wanted
            .into_iter()
            .filter(|object| !is_stored(object.id))
            .collect();
        wanted
            .par_chunks(BATCH)
            .try_for_each(|batch| self.append(batch))
            .map_err(|source| self.failed(source))
    }

    fn append(&self, objects: &[&Object<'_>]) -> io::Result<()> {
        let taken = lock(&self.idle).pop();
        let mut encoder = taken.unwrap_or_default();
        let compressed: Vec<Encoded> = objects
            .iter()
            .map(|object| encoder.encode(object))
            .collect::<io::Result<_>>()?;
        lock(&self.idle).push(encoder);
        let mut pack = lock(&self.pack);
        let pack = match &mut *pack {
            Some(pack) => pack,
            none => none.insert(self.create()?),
        };
        compressed.iter().try_for_each(|object| pack.append(object))
    }

    fn create(&self) -> io::Result<PackWriter> {
        PackWriter::begin(temporary(&self.directory()?, PACK)?)
    }

    fn directory(&self) -> io::Result<PathBuf> {
        let directory = self.objects_directory.join("pack");
        fs::create_dir_all(&directory)?;
        Ok(directory)
    }

    /// Makes all objects part of the repository, so that they survive a crash.
    pub(super) fn publish(&self) -> Result<(), Error> {
        match lock(&self.pack).take() {
            Some(pack) => self.finish(pack).map_err(|source| self.failed(source)),
            None => Ok(()),
        }
    }

    /// Removes what writers left that were killed.
    pub(super) fn remove_left_over(objects_directory: &Path) {
        abandoned::remove(&objects_directory.join("pack"), &[PACK, INDEX]);
    }

    fn finish(&self, pack: PackWriter) -> io::Result<()> {
        let directory = self.directory()?;
        let (out, summary) = pack.finish()?;
        let pack = settle(out)?;
        let mut index = BufWriter::with_capacity(1 << 18, temporary(&directory, INDEX)?);
        pack_index::write(&summary, &mut index)?;
        let index = settle(index)?;

        let name =
            Oid::from_bytes(&summary.checksum).expect("a checksum is as long as an object name");
        pack.persist(directory.join(format!("pack-{name}.pack")))?;
        index.persist(directory.join(format!("pack-{name}.idx")))?;
        File::open(&directory)?.sync_all()
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::io("write objects to", &self.objects_directory, source)
    }
}

/// A name that `git gc` would clear away after a crash.
fn temporary(directory: &Path, prefix: &str) -> io::Result<NamedTempFile> {
    tempfile::Builder::new()
        .prefix(prefix)
        .tempfile_in(directory)
}

/// Everything on disk, and nobody may write it any more.
fn settle(out: BufWriter<NamedTempFile>) -> io::Result<NamedTempFile> {
    let mut file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.flush()?;
    file.as_file()
        .set_permissions(Permissions::from_mode(0o444))?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// A thread that panicked while it held the lock ends the whole command.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
