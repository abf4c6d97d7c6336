//! A commit in, its files out: listed by name and content, or read.

use std::collections::BTreeMap;

use git2::{ErrorCode, ObjectType, Oid, Repository, Tree, TreeEntry};

use super::error::Error;
use super::id::{BlobId, CommitId, TreeId};
use super::{damage, paths};
use crate::tree::{FileMode, Sha256};

/// The files of one commit.
pub struct Snapshot<'r> {
    repository: &'r Repository,
    commit: CommitId,
    tree: Tree<'r>,
}

/// What a directory has, by name, itself and not what is below.
pub type Entries = BTreeMap<String, Entry>;

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// A directory.
    Directory(TreeId),
    /// Anything else.
    Other(Listed),
}

/// An entry that is not a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// The content's name; for a submodule the name of a commit elsewhere.
    pub id: BlobId,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry of a tree that is not a directory can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A file, executable or not.
    File(FileMode),
    /// A symbolic link.
    Symlink,
    /// A commit of another repository.
    Submodule,
}

impl<'r> Snapshot<'r> {
    pub(super) fn of(repository: &'r Repository, commit: CommitId) -> Result<Self, Error> {
        let tree = repository
            .find_commit(commit.0)
            .and_then(|found| found.tree())
            .map_err(|source| {
                damage::explain(repository, &format!("read the commit {commit}"), source)
            })?;
        Ok(Self {
            repository,
            commit,
            tree,
        })
    }

    /// The commit.
    pub fn commit(&self) -> CommitId {
        self.commit
    }

    /// Everything at or below `prefix`, by its path from the root; an empty prefix means all.
    ///
    /// Directories above it are not read. Bytes of a path that are not UTF-8
    /// appear as `\xff`.
    pub fn list(&self, prefix: &str) -> Result<BTreeMap<String, Listed>, Error> {
        let mut listed = BTreeMap::new();
        if prefix.is_empty() {
            self.collect(&self.tree, "", &mut listed)?;
        } else if let Some(entry) = self.entry(prefix)? {
            self.collect_entry(&entry, prefix.to_owned(), &mut listed)?;
        }
        Ok(listed)
    }

    /// What a directory has; nothing where there is none.
    pub fn entries(&self, path: &str) -> Result<Entries, Error> {
        let Some(entry) = self.entry(path)? else {
            return Ok(Entries::new());
        };
        match entry.kind() {
            Some(ObjectType::Tree) => self.entries_of(TreeId(entry.id())),
            _ => Ok(Entries::new()),
        }
    }

    /// What a directory has that was found in another one.
    pub fn entries_of(&self, directory: TreeId) -> Result<Entries, Error> {
        let tree = self
            .repository
            .find_tree(directory.0)
            .map_err(|source| self.unreadable(directory.0, source))?;
        let entries = tree.iter().map(|entry| {
            let found = match entry.kind() {
                Some(ObjectType::Tree) => Entry::Directory(TreeId(entry.id())),
                _ => Entry::Other(Listed {
                    id: BlobId(entry.id()),
                    kind: kind(entry.filemode()),
                }),
            };
            (paths::readable(entry.name_bytes()), found)
        });
        Ok(entries.collect())
    }

    /// The content of the file at `path`; nothing if there is no file.
    pub fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Error> {
        match self.entry(path)? {
            Some(entry) if entry.kind() == Some(ObjectType::Blob) => {
                self.read_blob(BlobId(entry.id())).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Whether another commit has the same at `path`, all that is below it
    /// included.
    pub fn has_same(&self, other: &Snapshot<'_>, path: &str) -> Result<bool, Error> {
        let name = |entry: TreeEntry<'static>| (entry.id(), entry.filemode());
        Ok(self.entry(path)?.map(name) == other.entry(path)?.map(name))
    }

    /// The content of a listed file.
    pub fn read_blob(&self, id: BlobId) -> Result<Vec<u8>, Error> {
        let blob = self
            .repository
            .find_blob(id.0)
            .map_err(|source| self.unreadable(id.0, source))?;
        Ok(blob.content().to_vec())
    }

    /// sha256 of the content of a listed file, or of where a link points to.
    pub fn digest(&self, listed: &Listed) -> Result<Option<Sha256>, Error> {
        Ok(match listed.kind {
            EntryKind::Submodule => None,
            EntryKind::File(_) | EntryKind::Symlink => {
                Some(Sha256::of(&self.read_blob(listed.id)?))
            }
        })
    }

    pub(super) fn entry(&self, path: &str) -> Result<Option<TreeEntry<'static>>, Error> {
        match self.tree.get_path(paths::from_bytes(path.as_bytes())) {
            Ok(entry) => Ok(Some(entry)),
            // A missing object of the path is `NotFound` as well: tell the two apart.
            Err(error) if error.code() == ErrorCode::NotFound && self.is_absent(path) => Ok(None),
            Err(source) => Err(self.unreadable(self.tree.id(), source)),
        }
    }

    /// Whether the trees that can be read show that nothing is at `path`.
    fn is_absent(&self, path: &str) -> bool {
        let mut tree = self.tree.clone();
        for name in path.split('/') {
            let Some(entry) = tree.get_name(name).map(|entry| entry.to_owned()) else {
                return true;
            };
            if entry.kind() != Some(ObjectType::Tree) {
                return true;
            }
            match self.repository.find_tree(entry.id()) {
                Ok(below) => tree = below,
                Err(_) => return false,
            }
        }
        false
    }

    fn collect(
        &self,
        tree: &Tree<'_>,
        path: &str,
        listed: &mut BTreeMap<String, Listed>,
    ) -> Result<(), Error> {
        for entry in tree {
            let name = paths::readable(entry.name_bytes());
            let path = if path.is_empty() {
                name
            } else {
                format!("{path}/{name}")
            };
            self.collect_entry(&entry, path, listed)?;
        }
        Ok(())
    }

    fn collect_entry(
        &self,
        entry: &TreeEntry<'_>,
        path: String,
        listed: &mut BTreeMap<String, Listed>,
    ) -> Result<(), Error> {
        if entry.kind() == Some(ObjectType::Tree) {
            let tree = self
                .repository
                .find_tree(entry.id())
                .map_err(|source| self.unreadable(entry.id(), source))?;
            return self.collect(&tree, &path, listed);
        }
        listed.insert(
            path,
            Listed {
                id: BlobId(entry.id()),
                kind: kind(entry.filemode()),
            },
        );
        Ok(())
    }

    fn unreadable(&self, id: Oid, source: git2::Error) -> Error {
        damage::explain(self.repository, &format!("read the object {id}"), source)
    }
}

fn kind(mode: i32) -> EntryKind {
    match mode {
        0o120_000 => EntryKind::Symlink,
        0o160_000 => EntryKind::Submodule,
        mode if mode & 0o100 != 0 => EntryKind::File(FileMode::Executable),
        _ => EntryKind::File(FileMode::Regular),
    }
}
