//! What a writer left that was killed, or failed, between locking the branch and the
//! end of the work trees' update, in; a repository where the next commit can be made,
//! out.
//!
//! Only the holder of the writer lock looks, so no other ztgit is alive here. The
//! journal says which commit the branch was to be at; a lock file on the branch is
//! ours if it holds that name, or the beginning of it, as libgit2 makes the file
//! first and writes to it last. An empty one may be that of somebody else's git, which
//! does the same, but within a moment. Any other lock is left alone.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::branch;
use super::error::Error;
use super::history::tree_of;
use super::id::CommitId;
use super::journal::{BranchMove, Journal};
use super::lock::{WriterLock, wait_until};
use super::repository::FleetRepository;
use super::worktree;

/// How long an empty lock has to stay so until nobody is about to write to it.
const SETTLED: Duration = Duration::from_secs(1);

/// Something that was put in order after a writer that ended in the middle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repair {
    /// Its lock on a branch was removed.
    Unlocked {
        /// The lock file.
        lock: PathBuf,
    },
    /// A work tree was brought to the commit that the branch is at.
    CaughtUp {
        /// The work tree.
        work_tree: PathBuf,
        /// The commit.
        commit: CommitId,
    },
}

/// Whose a lock file is.
enum Lock {
    /// That of the writer that ended.
    LeftOver,
    /// Nobody's: there is none.
    Absent,
    /// Somebody else's.
    Foreign,
}

impl FleetRepository {
    /// Puts in order what a writer left that was killed or that failed.
    ///
    /// Whoever writes does this anyway; this is for saying so.
    pub fn recover(&self) -> Result<Vec<Repair>, Error> {
        self.acquire().map(|(_, repairs)| repairs)
    }

    /// The writer lock of a repository that is in order.
    pub(super) fn lock(&self) -> Result<WriterLock, Error> {
        self.acquire().map(|(lock, _)| lock)
    }

    fn acquire(&self) -> Result<(WriterLock, Vec<Repair>), Error> {
        let directory = self.repository.commondir();
        let lock = WriterLock::acquire(directory, self.patience.writer)?;
        let journal = Journal::of(directory);
        let Some((movement, began)) = journal.unfinished()? else {
            return Ok((lock, Vec::new()));
        };
        let mut repairs = Vec::new();
        repairs.extend(self.unlock(&movement, began)?);
        if branch::tip(&self.repository, &movement.branch)? == Some(movement.to) {
            repairs.extend(self.catch_up(&movement)?);
        }
        journal.end();
        Ok((lock, repairs))
    }

    fn unlock(&self, movement: &BranchMove, began: SystemTime) -> Result<Option<Repair>, Error> {
        let lock = movement.branch.lock(&self.repository);
        let whose = wait_until(self.patience.git, || {
            whose(&lock, movement.to, began).transpose()
        });
        let whose = whose.transpose();
        match whose.map_err(|source| Error::io("read", &lock, source))? {
            Some(Lock::LeftOver) => {
                fs::remove_file(&lock).map_err(|source| Error::io("remove", &lock, source))?;
                Ok(Some(Repair::Unlocked { lock }))
            }
            Some(Lock::Absent | Lock::Foreign) | None => Ok(None),
        }
    }

    fn catch_up(&self, movement: &BranchMove) -> Result<Vec<Repair>, Error> {
        let tree = |commit| tree_of(&self.repository, commit);
        let old = movement.from.map(tree).transpose()?;
        let edits = worktree::between(&self.repository, old, tree(movement.to)?)?;
        let caught_up = worktree::catch_up(&self.repository, movement, &edits, self.patience)?;
        let repairs = caught_up.into_iter().map(|work_tree| Repair::CaughtUp {
            work_tree,
            commit: movement.to,
        });
        Ok(repairs.collect())
    }
}

/// None while that cannot be told.
fn whose(lock: &Path, to: CommitId, began: SystemTime) -> io::Result<Option<Lock>> {
    let (content, modified) = match read(lock) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(Lock::Absent)),
        result => result?,
    };
    let is_of_the_move = modified >= began && format!("{to}\n").as_bytes().starts_with(&content);
    Ok(if !is_of_the_move {
        Some(Lock::Foreign)
    } else if content.is_empty() && modified.elapsed().is_ok_and(|age| age < SETTLED) {
        None
    } else {
        Some(Lock::LeftOver)
    })
}

fn read(lock: &Path) -> io::Result<(Vec<u8>, SystemTime)> {
    Ok((fs::read(lock)?, fs::metadata(lock)?.modified()?))
}

impl fmt::Display for Repair {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlocked { lock } => write!(
                formatter,
                "{} was left by a ztgit that did not come to its end, and is removed",
                lock.display()
            ),
            Self::CaughtUp { work_tree, commit } => write!(
                formatter,
                "{} was on its way to commit {commit} when a ztgit ended, and is brought there",
                work_tree.display()
            ),
        }
    }
}
