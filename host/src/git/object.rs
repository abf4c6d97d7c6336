//! Objects that are about to be written: kind and content in, name out.
//!
//! Names are computed with collision detection: content made to collide is
//! refused here, as git itself refuses it.

use std::borrow::Cow;

use git2::Oid;
use sha1_checked::{CollisionResult, Digest, Sha1};

use super::error::Error;
use super::id::BlobId;

/// The kinds of object that a commit needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Commit,
    Tree,
    Blob,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tree => "tree",
            Self::Blob => "blob",
        }
    }

    /// The number that stands for the kind in a pack's entry header.
    pub(super) fn pack_number(self) -> u8 {
        match self {
            Self::Commit => 1,
            Self::Tree => 2,
            Self::Blob => 3,
        }
    }
}

/// One object with its name; file contents are borrowed from the caller.
#[derive(Debug, Clone)]
pub(super) struct Object<'a> {
    pub(super) id: Oid,
    pub(super) kind: Kind,
    pub(super) bytes: Cow<'a, [u8]>,
}

impl<'a> Object<'a> {
    pub(super) fn new(kind: Kind, bytes: impl Into<Cow<'a, [u8]>>) -> Result<Self, Error> {
        let bytes = bytes.into();
        Ok(Self {
            id: hash(kind, &bytes)?,
            kind,
            bytes,
        })
    }

    /// Content that was named before.
    pub(super) fn blob(id: BlobId, bytes: impl Into<Cow<'a, [u8]>>) -> Self {
        Self {
            id: id.0,
            kind: Kind::Blob,
            bytes: bytes.into(),
        }
    }
}

/// The name of an object: SHA-1 over kind, size and content.
pub(super) fn hash(kind: Kind, bytes: &[u8]) -> Result<Oid, Error> {
    let mut sha1 = Sha1::new();
    sha1.update(format!("{} {}\0", kind.name(), bytes.len()));
    sha1.update(bytes);
    match sha1.try_finalize() {
        CollisionResult::Ok(digest) => {
            Ok(Oid::from_bytes(&digest).expect("a SHA-1 has the length of an object name"))
        }
        CollisionResult::Mitigated(_) | CollisionResult::Collision(_) => Err(Error::Collision),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_git() {
        let empty_tree = hash(Kind::Tree, b"").unwrap();
        assert_eq!(
            empty_tree.to_string(),
            "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
        );
        let hello = hash(Kind::Blob, b"hello\n").unwrap();
        assert_eq!(
            hello.to_string(),
            "ce013625030ba8dba906f756967f9e9ca394464a"
        );
    }
}
