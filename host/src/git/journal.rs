//! A move of the branch that has begun, in; the same for the next writer, where this
//! one did not come to the end of it, out.
//!
//! The file is complete and on disk before the branch is locked, and goes when branch
//! and work trees are where they should be. So whoever holds the writer lock and finds
//! one knows that a writer was killed, or failed, in between. Half a file means that
//! nothing had begun.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::branch::BranchName;
use super::error::Error;
use super::id::CommitId;

const NONE: &str = "-";

/// A branch on its way from one commit to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BranchMove {
    pub(super) branch: BranchName,
    /// None if the branch is being born.
    pub(super) from: Option<CommitId>,
    pub(super) to: CommitId,
    /// Who moves it.
    pub(super) process: u32,
}

/// The file in the common git directory.
pub(super) struct Journal {
    directory: PathBuf,
}

impl Journal {
    pub(super) fn of(git_directory: &Path) -> Self {
        Self {
            directory: git_directory.to_owned(),
        }
    }

    /// Must return before anything of it is done.
    pub(super) fn begin(&self, movement: &BranchMove) -> Result<(), Error> {
        let write = || {
            let mut file = File::create(self.path())?;
            file.write_all(movement.to_string().as_bytes())?;
            file.sync_all()?;
            File::open(&self.directory)?.sync_all()
        };
        write().map_err(|source| Error::io("write", self.path(), source))
    }

    /// Nothing is left to do.
    pub(super) fn end(&self) {
        // One that stays is looked at by the next writer, who finds nothing to do.
        let _ = fs::remove_file(self.path());
    }

    /// What was not ended, and when it began.
    pub(super) fn unfinished(&self) -> Result<Option<(BranchMove, SystemTime)>, Error> {
        match self.read() {
            Ok((text, began)) => Ok(BranchMove::parse(&text).map(|movement| (movement, began))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::io("read", self.path(), source)),
        }
    }

    fn read(&self) -> io::Result<(String, SystemTime)> {
        let text = fs::read_to_string(self.path())?;
        Ok((text, fs::metadata(self.path())?.modified()?))
    }

    fn path(&self) -> PathBuf {
        self.directory.join("ztgit-journal")
    }
}

impl BranchMove {
    fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.strip_suffix('\n')?.split(' ').collect();
        let [process, branch, from, to] = fields[..] else {
            return None;
        };
        Some(Self {
            branch: BranchName::new(branch).ok()?,
            from: match from {
                NONE => None,
                commit => Some(CommitId::parse(commit)?),
            },
            to: CommitId::parse(to)?,
            process: process.parse().ok()?,
        })
    }
}

impl fmt::Display for BranchMove {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = self
            .from
            .map_or_else(|| NONE.to_owned(), |commit| commit.to_string());
        let Self {
            branch,
            to,
            process,
            ..
        } = self;
        writeln!(formatter, "{process} {} {from} {to}", branch.short())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn movement(from: Option<&str>) -> BranchMove {
        BranchMove {
            branch: BranchName::new("env/prod").unwrap(),
            from: from.map(|id| CommitId::parse(id).unwrap()),
            to: CommitId::parse("2222222222222222222222222222222222222222").unwrap(),
            process: 4711,
        }
    }

    #[test]
    fn what_was_begun_and_not_ended_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let journal = Journal::of(directory.path());
        let found = || journal.unfinished().unwrap().map(|(found, _)| found);
        assert_eq!(found(), None);
        for from in [None, Some("1111111111111111111111111111111111111111")] {
            journal.begin(&movement(from)).unwrap();
            assert_eq!(found(), Some(movement(from)));
        }
        journal.end();
        assert_eq!(found(), None);
    }

    #[test]
    fn half_a_journal_is_none() {
        let text = movement(Some("1111111111111111111111111111111111111111")).to_string();
        for length in 0..text.len() {
            assert_eq!(BranchMove::parse(&text[..length]), None, "{length}");
        }
    }
}
