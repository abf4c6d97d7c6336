//! What is found about a path.

use serde::Serialize;

use crate::tree::Sha256;

/// What a path or cluster is, if it is not clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// The stack has changed and was not rendered yet.
    Pending,
    /// The same input gives other bytes with this ztgit and these plugins.
    Stale,
    /// The file is not what was written.
    Modified,
    /// The file is gone.
    Missing,
    /// A file stands under a managed path that nothing wrote.
    Extra,
    /// File and inventory agree with each other, and not with what the same
    /// ztgit and plugins render.
    Untrusted,
}

/// In which way a file differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The stack says something else.
    Input,
    /// Other bytes.
    Content,
    /// Executable where it was not, or the other way; or not a file any more.
    Mode,
    /// A byte order mark was put in front, or taken away.
    ByteOrderMark,
    /// Line ends were changed.
    LineEndings,
    /// It is not there.
    Absent,
    /// It is there and nobody said so.
    Unowned,
    /// There are files of the cluster and no inventory.
    NoInventory,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The path, or the cluster where it is about all of one.
    pub path: String,
    /// What it is.
    pub status: Status,
    /// In which way.
    pub reason: Reason,
    /// What should be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Sha256>,
    /// What is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Sha256>,
}

impl Finding {
    pub(super) fn new(path: impl Into<String>, status: Status, reason: Reason) -> Self {
        Self {
            path: path.into(),
            status,
            reason,
            expected: None,
            found: None,
        }
    }

    pub(super) fn expected(self, expected: Sha256) -> Self {
        Self {
            expected: Some(expected),
            ..self
        }
    }

    pub(super) fn found(self, found: Option<Sha256>) -> Self {
        Self { found, ..self }
    }
}
