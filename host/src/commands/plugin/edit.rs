//! A change of a stack's plugins: its files as they are now, whatever was read before
//! somebody was asked or a registry answered, and nobody else's change beside it.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::commands::stack_file;
use crate::error::CommandError;
use crate::plan::Lock;
use crate::stack::files::{LOCK_FILE, STACK_FILE};
use crate::stack::{Outline, StackFiles, stack_directory};

/// The stack's files, until this is dropped in the hands of this ztgit alone.
pub(super) struct Edit {
    directory: PathBuf,
    pub(super) files: StackFiles,
    pub(super) outline: Outline,
    pub(super) lock: Lock,
    _held: Option<File>,
}

impl Edit {
    /// Reads them.
    pub(super) fn begin(stack: &Path) -> Result<Self, CommandError> {
        let directory = stack_directory(stack);
        let held = File::open(&directory).ok();
        if let Some(held) = &held {
            // Some file systems know no locks: there the last one counts, as ever.
            let _ = held.lock();
        }
        let files = StackFiles::read(stack)?;
        let (outline, _) = Outline::open(&files);
        let lock = Lock::of(&files)?;
        Ok(Self {
            directory,
            files,
            outline,
            lock,
            _held: held,
        })
    }

    /// Writes `ztgit.lock`.
    pub(super) fn write_lock(&self) -> Result<(), CommandError> {
        stack_file::write(&self.directory.join(LOCK_FILE), &self.lock.to_bytes())
    }

    /// Writes `ztgit.lock`, then `stack.yaml`: in this order an interruption leaves a
    /// pin that nothing uses.
    pub(super) fn write(&self, stack_text: &str) -> Result<(), CommandError> {
        self.write_lock()?;
        stack_file::write(&self.directory.join(STACK_FILE), stack_text.as_bytes())
    }
}
