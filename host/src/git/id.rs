//! Names of objects, each kind a type of its own so that they cannot be mixed up.

use std::fmt;

use git2::Oid;

use super::error::Error;
use super::object::{Kind, hash};

/// The name of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommitId(pub(super) Oid);

impl CommitId {
    /// Reads a full name of 40 hexadecimal digits, as a commit's trailer holds it.
    pub fn parse(text: &str) -> Option<Self> {
        parse_full(text).map(Self)
    }
}

/// The name of a file's content, as git computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlobId(pub(super) Oid);

impl BlobId {
    /// The name that git gives to a file with these bytes; compare it with a
    /// listing to learn whether a file is the same without reading it.
    pub fn of(bytes: &[u8]) -> Result<Self, Error> {
        hash(Kind::Blob, bytes).map(Self)
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

pub(super) fn parse_full(text: &str) -> Option<Oid> {
    let hexadecimal = text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hexadecimal {
        Oid::from_str(text).ok()
    } else {
        None
    }
}
