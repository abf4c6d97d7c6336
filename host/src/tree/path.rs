//! Paths in the fleet repository.
//!
//! Text from anywhere enters; a [`TreePath`] is relative, normal and safe in
//! every checkout: no `.git` in any disguise, nothing that Windows or macOS
//! would read as another name, no character that cannot be seen. git's own
//! index accepts most of what is refused here, so this is the only guard.

mod segment;
#[cfg(test)]
mod tests;

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::tree::fold::folded;
pub use segment::SegmentFault;

/// The longest path in bytes, as in Linux's `PATH_MAX`.
const LONGEST_PATH: usize = 4096;
/// The most segments. Readers recurse over directories.
const DEEPEST_PATH: usize = 64;

/// Names that mean something to git, Flux, kustomize, SOPS or ztgit wherever
/// they stand in the tree, folded.
const RESERVED: [&str; 14] = [
    ".gitattributes",
    ".gitignore",
    ".gitmodules",
    ".krmignore",
    ".lfsconfig",
    ".mailmap",
    ".sops.yaml",
    ".sops.yml",
    ".sourceignore",
    ".ztgit",
    "kustomization",
    "kustomization.yaml",
    "kustomization.yml",
    "ztgit.lock",
];

/// A `/`-separated path of a file, relative to the root of the fleet
/// repository. Ordered by its bytes. Many hold the same one, so clones share it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TreePath(Arc<str>);

/// Why a text is no path of the fleet repository.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreePathError {
    /// No text at all.
    #[error("a path may not be empty")]
    Empty,
    /// It begins with a slash.
    #[error("the path {path:?} must be relative, without the first `/`")]
    Absolute {
        /// The text.
        path: String,
    },
    /// More bytes than a system call takes.
    #[error("a path may have {LONGEST_PATH} bytes, not {length}")]
    TooLong {
        /// How many it has.
        length: usize,
    },
    /// More segments than readers should recurse into.
    #[error("a path may have {DEEPEST_PATH} segments, not {depth}")]
    TooDeep {
        /// How many it has.
        depth: usize,
    },
    /// A segment that some reader would take for something else.
    #[error("the segment {segment:?} of the path {path:?} {fault}")]
    Segment {
        /// The whole text.
        path: String,
        /// The first bad segment.
        segment: String,
        /// What is wrong with it.
        fault: SegmentFault,
    },
}

impl TreePath {
    /// Checks a text.
    pub fn new(text: impl Into<String>) -> Result<Self, TreePathError> {
        let text = text.into();
        check(&text)?;
        Ok(Self(text.into()))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The names from the root to the file; at least one.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The last name.
    pub fn name(&self) -> &str {
        self.0.rsplit_once('/').map_or(&*self.0, |(_, name)| name)
    }

    /// The path of the directory that holds it; none at the root.
    pub fn parent(&self) -> Option<Self> {
        self.0
            .rsplit_once('/')
            .map(|(parent, _)| Self(parent.into()))
    }

    /// The path of one name in this directory. The name may not hold a `/`.
    pub fn join(&self, segment: &str) -> Result<Self, TreePathError> {
        let text = format!("{self}/{segment}");
        if segment.contains('/') {
            let (segment, fault) = (segment.to_owned(), SegmentFault::Slash);
            return Err(TreePathError::Segment {
                path: text,
                segment,
                fault,
            });
        }
        Self::new(text)
    }

    /// Whether it is this directory, or lies in it at any depth.
    pub fn is_within(&self, directory: &Self) -> bool {
        self.0
            .strip_prefix(&*directory.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether one of its names steers git, Flux, kustomize, SOPS or ztgit
    /// itself, such as `.gitattributes` or a `kustomization.yaml`. The host
    /// writes such files; a plugin that picks a name may not.
    pub fn is_reserved(&self) -> bool {
        self.segments()
            .any(|segment| RESERVED.contains(&&*folded(segment)))
    }
}

fn check(text: &str) -> Result<(), TreePathError> {
    if text.is_empty() {
        return Err(TreePathError::Empty);
    }
    if text.len() > LONGEST_PATH {
        return Err(TreePathError::TooLong { length: text.len() });
    }
    let depth = text.split('/').count();
    if depth > DEEPEST_PATH {
        return Err(TreePathError::TooDeep { depth });
    }
    if text.starts_with('/') {
        return Err(TreePathError::Absolute {
            path: text.to_owned(),
        });
    }
    text.split('/').try_for_each(|segment| {
        segment::check(segment).map_err(|fault| TreePathError::Segment {
            path: text.to_owned(),
            segment: segment.to_owned(),
            fault,
        })
    })
}

impl fmt::Display for TreePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl Borrow<str> for TreePath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl FromStr for TreePath {
    type Err = TreePathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl TryFrom<String> for TreePath {
    type Error = TreePathError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl From<TreePath> for String {
    fn from(path: TreePath) -> Self {
        path.as_str().to_owned()
    }
}
