//! A base tree and changes in, the new root and the objects it needs out.
//!
//! Only trees on the way to a change are built anew, every other one is kept
//! by its name, so the cost is that of what changed. A directory that loses its
//! last file vanishes, as git knows no empty ones. Nothing is written here.

use std::collections::{BTreeMap, BTreeSet};

use git2::{ObjectType, Odb, OdbLookupFlags, Oid, Repository};

use super::commit::Change;
use super::error::{Error, Foreign};
use super::object::{Kind, Object};
use crate::tree::{FileMode, TreePath};

pub(super) const DIRECTORY: i32 = 0o040_000;
const SYMLINK: i32 = 0o120_000;
const SUBMODULE: i32 = 0o160_000;

/// The new tree, and those of its objects that the repository does not have yet.
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
    let odb = repository
        .odb()
        .map_err(|source| failed(repository, "open the objects", source))?;
    let mut builder = Builder {
        repository,
        odb,
        known: BTreeSet::new(),
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

/// Refuses a managed `path` that is, or lies below, a symbolic link or a submodule.
pub(super) fn refuse_foreign(
    repository: &Repository,
    base: Oid,
    path: &TreePath,
) -> Result<(), Error> {
    let mut tree = base;
    for (end, _) in path
        .as_str()
        .match_indices('/')
        .chain([(path.as_str().len(), "")])
    {
        let prefix = &path.as_str()[..end];
        let name = prefix.rsplit('/').next().unwrap_or(prefix);
        let Some(entry) = entries(repository, tree)?.remove(name.as_bytes()) else {
            return Ok(());
        };
        refuse_foreign_mode(prefix, entry.mode)?;
        if entry.mode != DIRECTORY {
            return Ok(());
        }
        tree = entry.id;
    }
    Ok(())
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
        matches!(self.file, Some(Change::Write { .. })) || self.below.values().any(Self::writes)
    }
}

/// What a name stands for in a tree.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) mode: i32,
    pub(super) id: Oid,
}

struct Builder<'a, 'r> {
    repository: &'r Repository,
    odb: Odb<'r>,
    known: BTreeSet<Oid>,
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
                Some(Change::Write { .. }) if directory.is_some() => Err(obstructed()),
                Some(Change::Write { bytes, mode }) => self.file(bytes, *mode).map(Some),
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
            (Some(Change::Write { .. }), Some(_)) => Err(obstructed()),
            (Some(Change::Write { bytes, mode }), None) => self.file(bytes, *mode).map(Some),
            (_, below) => Ok(below),
        }
    }

    fn file(&mut self, bytes: &'a [u8], mode: FileMode) -> Result<Entry, Error> {
        let mode = i32::try_from(mode.git()).expect("a mode has six octal digits");
        Ok(Entry {
            mode,
            id: self.add(Object::new(Kind::Blob, bytes)?),
        })
    }

    /// Keeps an object for the pack unless it is there or in the repository already.
    fn add(&mut self, object: Object<'a>) -> Oid {
        let id = object.id;
        // Without a refresh: looking for new packs at each of thousands of
        // misses would cost more than writing an object twice.
        if self.known.insert(id) && !self.odb.exists_ext(id, OdbLookupFlags::NO_REFRESH) {
            self.objects.push(object);
        }
        id
    }
}

fn entries(repository: &Repository, tree: Oid) -> Result<BTreeMap<Vec<u8>, Entry>, Error> {
    let tree = repository
        .find_tree(tree)
        .map_err(|source| failed(repository, &format!("read the tree {tree}"), source))?;
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

/// A tree's content; git sorts directories as if their names ended in a slash.
pub(super) fn serialize(entries: BTreeMap<Vec<u8>, Entry>) -> Vec<u8> {
    let mut entries: Vec<(Vec<u8>, Entry)> = entries.into_iter().collect();
    entries.sort_by_cached_key(|(name, entry)| {
        let mut key = name.clone();
        if entry.mode == DIRECTORY {
            key.push(b'/');
        }
        key
    });
    let mut bytes = Vec::with_capacity(entries.len() * 48);
    for (name, entry) in entries {
        bytes.extend_from_slice(format!("{:o} ", entry.mode).as_bytes());
        bytes.extend_from_slice(&name);
        bytes.push(0);
        bytes.extend_from_slice(entry.id.as_bytes());
    }
    bytes
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
