//! A base tree and changes in, the new root and the objects it needs out.
//!
//! Only trees on the way to a change are built anew, every other one is kept
//! by its name, so the cost is that of what changed. A directory that loses its
//! last file vanishes, as git knows no empty ones. Nothing is written here.

use std::collections::{BTreeMap, BTreeSet};

use git2::{ObjectType, Oid, Repository, Tree};

use super::commit::Change;
use super::error::{Error, Foreign};
use super::id::BlobId;
use super::object::{Kind, Object};
use super::subtree::{DIRECTORY, Entry, serialize};
use crate::tree::{FileMode, TreePath};

const SYMLINK: i32 = 0o120_000;
const SUBMODULE: i32 = 0o160_000;

/// The new tree, and the objects that it needs; some may be in the repository.
pub(super) struct Built<'a> {
    pub(super) root: Oid,
    pub(super) objects: Vec<Object<'a>>,
}

/// Applies `changes` to the tree `base`.
pub(super) fn build<'a>(
    repository: &Repository,
    base: Option<Oid>,
    changes: &'a BTreeMap<TreePath, Change>,
) -> Result<Built<'a>, Error> {
    let mut root = Pending::default();
    for (path, change) in changes {
        root.insert(path.as_str(), change);
    }
    let mut builder = Builder {
        repository,
        objects: Vec::with_capacity(changes.len()),
    };
    let root = match builder.directory("", base, root)? {
        Some(root) => root,
        None => builder.add(Object::new(Kind::Tree, Vec::new())?),
    };
    Ok(Built {
        root,
        objects: builder.objects,
    })
}

/// Refuses managed paths that are, or lie below, a symbolic link or a submodule.
pub(super) fn refuse_foreign(
    repository: &Repository,
    base: Oid,
    managed: &BTreeSet<TreePath>,
) -> Result<(), Error> {
    let mut wanted = Prefixes::default();
    for path in managed {
        let mut node = &mut wanted;
        for name in path.segments() {
            node = node.0.entry(name).or_default();
        }
    }
    wanted.refuse_foreign(repository, base, "")
}

/// Names that lead to managed paths.
#[derive(Default)]
struct Prefixes<'a>(BTreeMap<&'a str, Prefixes<'a>>);

impl Prefixes<'_> {
    /// Each directory is read once, however many paths lead through it.
    fn refuse_foreign(&self, repository: &Repository, tree: Oid, at: &str) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        let tree = find(repository, tree)?;
        for (name, below) in &self.0 {
            let Some(entry) = tree.get_name(name) else {
                continue;
            };
            let path = format!("{at}{name}");
            refuse_foreign_mode(&path, entry.filemode_raw())?;
            if entry.kind() == Some(ObjectType::Tree) {
                below.refuse_foreign(repository, entry.id(), &format!("{path}/"))?;
            }
        }
        Ok(())
    }
}

/// The changes below one directory, by the next name on their paths.
#[derive(Default)]
struct Pending<'a> {
    file: Option<&'a Change>,
    below: BTreeMap<&'a str, Pending<'a>>,
}

impl<'a> Pending<'a> {
    fn insert(&mut self, path: &'a str, change: &'a Change) {
        let mut node = self;
        for name in path.split('/') {
            node = node.below.entry(name).or_default();
        }
        node.file = Some(change);
    }

    fn writes(&self) -> bool {
        matches!(
            self.file,
            Some(Change::Write { .. } | Change::Stored { .. })
        ) || self.below.values().any(Self::writes)
    }
}

struct Builder<'a, 'r> {
    repository: &'r Repository,
    objects: Vec<Object<'a>>,
}

impl<'a> Builder<'a, '_> {
    /// The new name of one directory, or none if nothing is left in it.
    fn directory(
        &mut self,
        path: &str,
        base: Option<Oid>,
        pending: Pending<'a>,
    ) -> Result<Option<Oid>, Error> {
        let mut entries = match base {
            Some(base) => entries(self.repository, base)?,
            None => BTreeMap::new(),
        };
        for (name, pending) in pending.below {
            let path = if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}/{name}")
            };
            match self.entry(&path, entries.get(name.as_bytes()).copied(), pending)? {
                Some(entry) => entries.insert(name.as_bytes().to_vec(), entry),
                None => entries.remove(name.as_bytes()),
            };
        }
        if entries.is_empty() {
            return Ok(None);
        }
        let tree = Object::new(Kind::Tree, serialize(entries))?;
        Ok(Some(if base == Some(tree.id) {
            tree.id
        } else {
            self.add(tree)
        }))
    }

    /// The new entry in the place of `existing`.
    fn entry(
        &mut self,
        path: &str,
        existing: Option<Entry>,
        pending: Pending<'a>,
    ) -> Result<Option<Entry>, Error> {
        if let Some(existing) = existing {
            refuse_foreign_mode(path, existing.mode)?;
        }
        let obstructed = || Error::Obstructed {
            path: path.to_owned(),
        };
        let file = pending.file;
        let directory = existing.filter(|entry| entry.mode == DIRECTORY);
        if pending.below.is_empty() {
            return match file {
                Some(Change::Write { .. } | Change::Stored { .. }) if directory.is_some() => {
                    Err(obstructed())
                }
                Some(Change::Write { bytes, mode }) => self.file(bytes, *mode).map(Some),
                Some(Change::Stored { id, mode }) => Ok(Some(Entry::file(*id, *mode))),
                // Only a file can be removed; a directory of this name is someone else's.
                Some(Change::Remove) | None => Ok(directory),
            };
        }
        let blocks = existing.is_some() && directory.is_none() && file.is_none();
        if blocks {
            return if pending.writes() {
                Err(obstructed())
            } else {
                Ok(existing)
            };
        }
        let below = self
            .directory(path, directory.map(|entry| entry.id), pending)?
            .map(|id| Entry {
                mode: DIRECTORY,
                id,
            });
        match (file, below) {
            (Some(Change::Write { .. } | Change::Stored { .. }), Some(_)) => Err(obstructed()),
            (Some(Change::Write { bytes, mode }), None) => self.file(bytes, *mode).map(Some),
            (Some(Change::Stored { id, mode }), None) => Ok(Some(Entry::file(*id, *mode))),
            (_, below) => Ok(below),
        }
    }

    fn file(&mut self, bytes: &'a [u8], mode: FileMode) -> Result<Entry, Error> {
        let blob = BlobId(self.add(Object::new(Kind::Blob, bytes)?));
        Ok(Entry::file(blob, mode))
    }

    fn add(&mut self, object: Object<'a>) -> Oid {
        let id = object.id;
        self.objects.push(object);
        id
    }
}

fn entries(repository: &Repository, tree: Oid) -> Result<BTreeMap<Vec<u8>, Entry>, Error> {
    let tree = find(repository, tree)?;
    let entries = tree.iter().map(|entry| {
        let mode = match entry.kind() {
            Some(ObjectType::Tree) => DIRECTORY,
            _ => entry.filemode_raw(),
        };
        (
            entry.name_bytes().to_vec(),
            Entry {
                mode,
                id: entry.id(),
            },
        )
    });
    Ok(entries.collect())
}

fn find(repository: &Repository, tree: Oid) -> Result<Tree<'_>, Error> {
    repository
        .find_tree(tree)
        .map_err(|source| failed(repository, &format!("read the tree {tree}"), source))
}

fn refuse_foreign_mode(path: &str, mode: i32) -> Result<(), Error> {
    let kind = match mode {
        SYMLINK => Foreign::Symlink,
        SUBMODULE => Foreign::Submodule,
        _ => return Ok(()),
    };
    Err(Error::Foreign {
        path: path.to_owned(),
        kind,
    })
}

fn failed(repository: &Repository, operation: &str, source: git2::Error) -> Error {
    super::damage::explain(repository, operation, source)
}
