//! Replaces a work tree's index as git does: under `index.lock`, in one rename.
//!
//! libgit2 would take that lock only at the end, when the branch has moved
//! already. So the lock is taken first, a copy of the index is edited, and the
//! copy is renamed into place. Dropped before that, the index is as it was.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use git2::{Index, IndexEntry, IndexTime, Repository};
use tempfile::TempPath;

use super::edits::Target;
use crate::git::damage;
use crate::git::error::{Error, Feature};
use crate::git::lock::{locked, wait_until};
use crate::git::paths;

/// The extended flag of an entry that a sparse checkout leaves out of the work tree.
pub(super) const SKIP_WORKTREE: u16 = 1 << 14;
/// What our lock file says, so that a later run knows one left by a crash.
const MARK: &str = "ztgit";

/// An index that is being changed.
pub(super) struct IndexTransaction {
    index: Index,
    repository: PathBuf,
    target: PathBuf,
    draft: Draft,
    _lock: IndexLock,
}

impl IndexTransaction {
    /// Locks the index of `repository` and makes it see the copy from now on.
    pub(super) fn begin(repository: &Repository, patience: Duration) -> Result<Self, Error> {
        let target = repository.path().join("index");
        let lock = IndexLock::acquire(repository.path().join("index.lock"), patience)?;
        let draft = Draft {
            path: repository.path().join("index.ztgit"),
        };
        // libgit2's lock on the copy, which nobody but the holder of the lock touches.
        let _ = fs::remove_file(draft.path.with_extension("ztgit.lock"));
        copy(&target, &draft.path).map_err(|source| Error::io("copy", &target, source))?;
        let mut index = Index::open(&draft.path).map_err(|source| refusal(repository, source))?;
        repository
            .set_index(&mut index)
            .map_err(|source| damage::explain(repository, "read the index", source))?;
        let repository = repository.path().to_owned();
        Ok(Self {
            index,
            repository,
            target,
            draft,
            _lock: lock,
        })
    }

    pub(super) fn entries(&self) -> &Index {
        &self.index
    }

    /// What the index has at a path.
    pub(super) fn target(&self, path: &Path) -> Option<Target> {
        let IndexEntry { mode, id, .. } = self.index.get_path(path, 0)?;
        Some(Target { mode, id })
    }

    /// Enters a file as it is on disk; without `metadata` git will look at it anew.
    pub(super) fn add(
        &mut self,
        path: &Path,
        target: Target,
        metadata: Option<&Metadata>,
    ) -> Result<(), Error> {
        let mut entry = blank(path, target);
        if let Some(metadata) = metadata {
            entry.ctime = time(metadata.ctime(), metadata.ctime_nsec());
            entry.mtime = time(metadata.mtime(), metadata.mtime_nsec());
            entry.dev = truncate(metadata.dev());
            entry.ino = truncate(metadata.ino());
            entry.uid = metadata.uid();
            entry.gid = metadata.gid();
            entry.file_size = truncate(metadata.size());
        }
        self.insert(&entry)
    }

    /// Enters a file that a sparse checkout leaves out of the work tree.
    pub(super) fn add_skipped(&mut self, path: &Path, target: Target) -> Result<(), Error> {
        let mut entry = blank(path, target);
        entry.flags_extended = SKIP_WORKTREE;
        self.insert(&entry)
    }

    pub(super) fn remove(&mut self, path: &Path) -> Result<(), Error> {
        self.index
            .remove_path(path)
            .map_err(|source| self.failed("change the index", source))
    }

    /// Puts the copy in the index's place.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        self.index
            .write()
            .map_err(|source| self.failed("write the index", source))?;
        File::open(&self.draft.path)
            .and_then(|draft| draft.sync_all())
            .and_then(|()| fs::rename(&self.draft.path, &self.target))
            .map_err(|source| Error::io("write", &self.target, source))
    }

    fn insert(&mut self, entry: &IndexEntry) -> Result<(), Error> {
        self.index
            .add(entry)
            .map_err(|source| self.failed("change the index", source))
    }

    fn failed(&self, operation: &str, source: git2::Error) -> Error {
        Error::Git {
            operation: operation.to_owned(),
            repository: self.repository.clone(),
            source,
        }
    }
}

/// The copy; removed when dropped, unless it has become the index.
struct Draft {
    path: PathBuf,
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// git's lock on the index, held by us; removed when dropped.
struct IndexLock {
    path: PathBuf,
}

impl IndexLock {
    fn acquire(path: PathBuf, patience: Duration) -> Result<Self, Error> {
        if is_left_over(&path) {
            // The caller holds the writer lock, so no other ztgit is alive here.
            let _ = fs::remove_file(&path);
        }
        let failed = |source| Error::io("create", &path, source);
        // It gets its name when it has its mark: one without could not be told from git's.
        let marked = path.with_extension("lock.ztgit");
        fs::write(&marked, format!("{MARK} {}\n", std::process::id())).map_err(failed)?;
        let mut marked = Some(TempPath::try_from_path(marked).map_err(failed)?);
        let created = wait_until(patience, || match marked.take()?.persist_noclobber(&path) {
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                marked = Some(error.path);
                None
            }
            result => Some(result.map_err(|error| failed(error.error))),
        });
        match created {
            Some(result) => result.map(|()| Self { path: path.clone() }),
            None => Err(locked(path, None)),
        }
    }
}

impl Drop for IndexLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn is_left_over(lock: &Path) -> bool {
    fs::metadata(lock).is_ok_and(|metadata| metadata.len() < 32)
        && fs::read_to_string(lock).is_ok_and(|text| text.starts_with(MARK))
}

/// Copies the index with its time, by which entries too young to be trusted are known.
fn copy(index: &Path, draft: &Path) -> io::Result<()> {
    match fs::copy(index, draft) {
        Ok(_) => {
            let modified = fs::metadata(index)?.modified()?;
            OpenOptions::new()
                .write(true)
                .open(draft)?
                .set_modified(modified)
        }
        // A repository without a commit may have none yet; a draft would be a crash's.
        Err(error) if error.kind() == io::ErrorKind::NotFound => match fs::remove_file(draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        },
        Err(error) => Err(error),
    }
}

/// libgit2 names the extension that it does not know; git gives each a meaning.
fn refusal(repository: &Repository, source: git2::Error) -> Error {
    let path = repository.path().to_owned();
    let known = [
        ("'link'", Feature::SplitIndex),
        ("'sdir'", Feature::SparseIndex),
    ];
    match known
        .into_iter()
        .find(|(name, _)| source.message().contains(name))
    {
        Some((_, feature)) => Error::Unsupported { path, feature },
        None if damage::is_empty(&path.join("index")) => Error::Damaged {
            file: path.join("index"),
        },
        None => Error::Git {
            operation: "read the index".to_owned(),
            repository: path,
            source,
        },
    }
}

fn blank(path: &Path, target: Target) -> IndexEntry {
    IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode: target.mode,
        uid: 0,
        gid: 0,
        file_size: 0,
        id: target.id,
        flags: 0,
        flags_extended: 0,
        path: paths::bytes(path).to_vec(),
    }
}

/// The index has 32 bits for what may have more; git cuts it off in the same way.
fn truncate(value: u64) -> u32 {
    u32::try_from(value & u64::from(u32::MAX)).expect("the upper half was cut off")
}

fn time(seconds: i64, nanoseconds: i64) -> IndexTime {
    let seconds = i32::try_from(seconds).unwrap_or(0);
    IndexTime::new(seconds, u32::try_from(nanoseconds).unwrap_or(0))
}
