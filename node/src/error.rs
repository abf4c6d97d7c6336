//! Everything that can go wrong on a node.

use std::io;

use crate::command::CommandError;
use crate::source::SourceError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The node's folder cannot be taken.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A file or directory could not be handled.
    #[error("cannot {action}")]
    Io {
        /// What was to be done, with the path.
        action: String,
        /// Why it was not.
        #[source]
        source: io::Error,
    },
    /// A program failed.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// What stands in the way is left alone.
    #[error("{0}")]
    Obstacle(String),
    /// Another run holds the lock.
    #[error("another `ztgit host` is at work")]
    Busy,
    /// The record of what was done cannot be read.
    #[error("{path} is damaged: {message}")]
    Damaged {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        message: String,
    },
    /// The folder is that of another node.
    #[error("the folder is for node {given}, and this is {own}")]
    OtherNode {
        /// `cluster/node` of the folder.
        given: String,
        /// `cluster/node` that was applied here.
        own: String,
    },
    /// An apply waits for its confirmation.
    #[error("the last apply is neither confirmed nor rolled back")]
    Unconfirmed,
    /// There is no apply that waits for its confirmation.
    #[error("there is nothing to confirm")]
    NothingToConfirm,
    /// There is no apply that could be taken back.
    #[error("there is nothing to roll back")]
    NothingToRollBack,
    /// The one who confirms could be cut off all the same.
    #[error("{0}")]
    NotFresh(&'static str),
    /// The apply failed, and everything is as it was.
    #[error("the apply failed and was rolled back")]
    RolledBack {
        /// Why it failed.
        #[source]
        cause: Box<Error>,
        /// Programs that failed while the old state was activated again.
        failures: Vec<String>,
    },
    /// Neither the new state nor the old one could be put in place.
    #[error("the apply failed ({cause}), and so did the way back")]
    Stuck {
        /// Why the apply failed.
        cause: Box<Error>,
        /// Why the way back did.
        #[source]
        source: Box<Error>,
    },
}

/// What an error means for whoever called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// It was called for in a way that cannot be.
    Usage,
    /// It was not finished: what is so is not known, or not as wanted.
    Unfinished,
    /// Something cannot be trusted.
    Untrusted,
}

impl Error {
    /// What it means.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Source(SourceError::Tampered(_) | SourceError::Refused(_))
            | Self::Damaged { .. } => ErrorKind::Untrusted,
            Self::OtherNode { .. }
            | Self::Unconfirmed
            | Self::NothingToConfirm
            | Self::NothingToRollBack
            | Self::NotFresh(_)
            | Self::Obstacle(_) => ErrorKind::Usage,
            Self::Source(SourceError::Unreadable { .. })
            | Self::Io { .. }
            | Self::Command(_)
            | Self::Busy
            | Self::RolledBack { .. }
            | Self::Stuck { .. } => ErrorKind::Unfinished,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Source(SourceError::Tampered(_)) => {
                "copy the node's folder again, and run `ztgit verify` on the fleet repository"
            }
            Self::Source(SourceError::Refused(_)) => {
                "files of plugins that this version does not know need a newer ztgit on the node"
            }
            Self::Busy => "wait until it is done, and run this again",
            Self::OtherNode { .. } => {
                "name this machine with `--node`, or its own folder with `--from`"
            }
            Self::RolledBack { .. } => "put the cause right and apply again",
            Self::Unconfirmed => {
                "run `ztgit host confirm` from a new connection, or `ztgit host rollback`"
            }
            Self::NotFresh(_) => "open a new SSH connection and run `ztgit host confirm` there",
            Self::Stuck { .. } => "run `ztgit host rollback` once the cause is gone",
            _ => return None,
        })
    }
}

/// Says what was to be done.
pub(crate) trait IoContext<T> {
    fn context(self, action: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T> IoContext<T> for io::Result<T> {
    fn context(self, action: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|source| Error::Io {
            action: action(),
            source,
        })
    }
}
