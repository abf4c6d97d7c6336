//! Names of objects, each kind a type of its own so that they cannot be mixed up.

use std::fmt;

use git2::Oid;
use serde::{Deserialize, Serialize};

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

/// The name of a directory's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "[u8; 20]", from = "[u8; 20]")]
pub struct TreeId(pub(super) Oid);

/// The name of a file's content, as git computes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "[u8; 20]", from = "[u8; 20]")]
pub struct BlobId(pub(super) Oid);

impl BlobId {
    /// The name that git gives to a file with these bytes; compare it with a
    /// listing to learn whether a file is the same without reading it.
    pub fn of(bytes: &[u8]) -> Result<Self, Error> {
        hash(Kind::Blob, bytes).map(Self)
    }
}

/// As bytes, for what is kept outside a repository.
macro_rules! bytes {
    ($name:ident) => {
        impl From<$name> for [u8; 20] {
            fn from(id: $name) -> Self {
                id.0.as_bytes()
                    .try_into()
                    .expect("a SHA-1 has 20 bytes, and other names are refused")
            }
        }

        impl From<[u8; 20]> for $name {
            fn from(bytes: [u8; 20]) -> Self {
                Self(Oid::from_bytes(&bytes).expect("20 bytes are the name of an object"))
            }
        }
    };
}

bytes!(TreeId);
bytes!(BlobId);

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
