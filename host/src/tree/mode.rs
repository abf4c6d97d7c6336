//! The two kinds of files that the fleet repository holds.

use serde::{Deserialize, Serialize};

/// What git remembers of a file's permissions. Symbolic links and submodules
/// have no place in a render: Flux drops the first and cannot read the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum FileMode {
    /// Not executable.
    #[serde(rename = "100644")]
    Regular,
    /// Executable.
    #[serde(rename = "100755")]
    Executable,
}

impl FileMode {
    /// The mode of a tree entry, such as `0o100644`.
    pub fn git(self) -> u32 {
        match self {
            Self::Regular => 0o100_644,
            Self::Executable => 0o100_755,
        }
    }

    /// The kind of file that a tree entry is, if it is one that a render has.
    pub fn from_git(mode: u32) -> Option<Self> {
        [Self::Regular, Self::Executable]
            .into_iter()
            .find(|kind| kind.git() == mode)
    }
}
