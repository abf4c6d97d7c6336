//! The lock among writers of one repository, and waiting for git's own locks.
//!
//! The writer lock is a file in the git directory that the operating system
//! locks for us and releases when the process ends, however it ends: it cannot
//! go stale. git's lock files can; they are waited for and then reported with
//! their age, because whoever made one may still be alive. Only those that a ztgit
//! left that was killed are removed, by the next holder of the writer lock.

use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::Error;

const PAUSE: Duration = Duration::from_millis(10);

/// How long to wait for others.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For another ztgit that writes to the same repository.
    pub writer: Duration,
    /// For a lock file of git.
    pub git: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            writer: Duration::from_mins(1),
            git: Duration::from_secs(5),
        }
    }
}

/// Held while a commit is made; released when dropped.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: File,
}

impl WriterLock {
    /// Takes the lock of the repository whose common git directory is given.
    pub(super) fn acquire(git_directory: &Path, patience: Duration) -> Result<Self, Error> {
        let path = git_directory.join("ztgit-writer");
        let failed = |source| Error::io("lock", &path, source);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        let taken = wait_until(patience, || match file.try_lock() {
            Ok(()) => Some(Ok(())),
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(source)) => Some(Err(failed(source))),
        });
        match taken {
            Some(result) => result?,
            None => return Err(locked(path, holder(&mut file))),
        }
        if !is_at(&file, &path) {
            // Whoever made the repository took it away while this one waited.
            let path = git_directory.to_owned();
            return Err(Error::NoRepository { path });
        }
        file.set_len(0).map_err(failed)?;
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self { file })
    }
}

impl Drop for WriterLock {
    /// Closing the file would do for us, but not where another thread is starting a
    /// program: until that runs, it holds what we had open.
    fn drop(&mut self) {
        // Whoever cannot unlock it closes it now.
        let _ = self.file.unlock();
    }
}

/// Whether an open file is the one that has this name now.
fn is_at(file: &File, path: &Path) -> bool {
    let identity = |metadata: Metadata| (metadata.dev(), metadata.ino());
    let open = file.metadata().map(identity).ok();
    open.is_some() && open == fs::metadata(path).map(identity).ok()
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.seek(SeekFrom::Start(0)).ok()?;
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

/// The error for a lock that outlasted our patience.
pub(super) fn locked(path: PathBuf, holder: Option<u32>) -> Error {
    let modified = fs::metadata(&path).and_then(|metadata| metadata.modified());
    let age = modified
        .ok()
        .and_then(|modified| modified.elapsed().ok())
        .unwrap_or_default();
    Error::Locked { path, age, holder }
}

/// Repeats `attempt` until it has a result or `patience` is over.
#[allow(
    clippy::disallowed_methods,
    reason = "a deadline needs a clock; no output depends on it"
)]
pub(super) fn wait_until<T>(
    patience: Duration,
    mut attempt: impl FnMut() -> Option<T>,
) -> Option<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(result) = attempt() {
            return Some(result);
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::sleep(PAUSE);
    }
}
