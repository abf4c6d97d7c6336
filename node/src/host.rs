//! The node as the functions of this crate see it.

use std::path::{Path, PathBuf};

use rustix::process::{getegid, geteuid};

use crate::command::{Command, CommandError, Commands};
use crate::digest::Mode;
use crate::error::{Error, IoContext as _};
use crate::process::Processes;
use crate::root::{Metadata, Root};

/// A tree of files, the programs that act on it, and the processes around this
/// one.
pub struct Host<'a> {
    pub(crate) root: Root,
    /// Whether programs that are run act on these very files.
    pub(crate) is_live: bool,
    pub(crate) commands: &'a mut dyn Commands,
    pub(crate) processes: Processes,
}

impl<'a> Host<'a> {
    /// The node whose files are below `root`: `/` for this machine.
    pub fn open(root: &Path, commands: &'a mut dyn Commands) -> Result<Self, Error> {
        Ok(Self {
            root: Root::open(root).context(|| format!("open {}", root.display()))?,
            is_live: root == Path::new("/"),
            commands,
            processes: Processes::of(PathBuf::from("/proc")),
        })
    }

    /// Takes the files for those of a machine that the commands act on, wherever
    /// they are.
    pub fn live(mut self) -> Self {
        self.is_live = true;
        self
    }

    /// Takes processes and clocks from elsewhere than `/proc`.
    pub fn with_processes(mut self, directory: &Path) -> Self {
        self.processes = Processes::of(directory.to_owned());
        self
    }

    pub(crate) fn run(&mut self, command: &Command) -> Result<Vec<u8>, CommandError> {
        self.commands.run(command, &self.root)
    }

    /// Root's, or whose it can be where somebody else tries files in a directory
    /// of their own.
    pub(crate) fn owned(&self, mode: Mode) -> Metadata {
        let is_trial = !self.is_live && !geteuid().is_root();
        let (uid, gid) = if is_trial {
            (geteuid().as_raw(), getegid().as_raw())
        } else {
            (0, 0)
        };
        Metadata { mode, uid, gid }
    }
}
