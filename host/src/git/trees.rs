//! A base tree and changes in; the new root out, and what it needs in a draft.
//!
//! Only trees on the way to a change are built anew, every other one is kept
//! by its name, so the cost is that of what changed. A directory that loses its
//! last file vanishes, as git knows no empty ones. The directories of many clusters
//! are built on all cores, and go into the draft in batches.

use std::collections::{BTreeMap, BTreeSet};

use git2::{ObjectType, Oid, Repository, Tree};
use rayon::prelude::*;

use super::commit::Change;
use super::draft::Draft;
use super::error::{Error, Foreign};
use super::id::BlobId;
use super::object::{Kind, Object};
use super::readers::Readers;
use super::subtree::{DIRECTORY, Entry, serialize};
use crate::tree::TreePath;

const SYMLINK: i32 = 0o120_000;
const SUBMODULE: i32 = 0o160_000;

/// Entries of a directory that are built by one thread before another gets some.
const SHARE: usize = 16;
/// Objects that go into the draft together, where there are so many.
const BATCH: usize = 16;

/// Applies `changes` to the tree `base`. What the new tree needs is in the repository
/// or in the draft then.
pub(super) fn build(
    readers: &Readers,
    base: Option<Oid>,
    changes: &BTreeMap<TreePath, Change>,
    draft: &Draft,
) -> Result<Oid, Error> {
    if let (Some(base), true) = (base, changes.is_empty()) {
        return Ok(base);
    }
    let changes: Vec<(&str, &Change)> = changes
        .iter()
        .map(|(path, change)| (path.as_str(), change))
        .collect();
    let pending = Pending {
        file: None,
        below: &changes,
    };
    let builder = Builder { readers, draft };
    let mut made = Made::default();
    let root = match builder.directory("", base, pending, &mut made)? {
        Some(root) => root,
        None => made.add(Object::new(Kind::Tree, Vec::new())?),
    };
    builder.hand_over(&mut made)?;
    Ok(root)
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

/// The changes of one name in a directory.
#[derive(Clone, Copy)]
struct Pending<'a> {
    /// That of a file of this name.
    file: Option<&'a Change>,
    /// Those of files in a directory of this name, by whole paths, sorted.
    below: &'a [(&'a str, &'a Change)],
}

impl<'a> Pending<'a> {
    /// Those below a directory whose path, with its slash, has `depth` bytes, by the
    /// next name on their paths.
    fn names(self, depth: usize) -> BTreeMap<&'a str, Self> {
        let mut names: BTreeMap<&str, Self> = BTreeMap::new();
        let mut rest = self.below;
        while let [(path, change), others @ ..] = rest {
            let (name, is_file) = match path[depth..].split_once('/') {
                Some((name, _)) => (name, false),
                None => (&path[depth..], true),
            };
            let pending = names.entry(name).or_insert(Self {
                file: None,
                below: &[],
            });
            rest = if is_file {
                pending.file = Some(change);
                others
            } else {
                let directory = &path[..=depth + name.len()];
                let end = rest.partition_point(|(path, _)| path.starts_with(directory));
                let (below, others) = rest.split_at(end);
                pending.below = below;
                others
            };
        }
        names
    }

    fn writes(self) -> bool {
        self.below.iter().any(|(_, change)| change.writes())
    }
}

/// Objects that are not in the draft yet.
#[derive(Default)]
struct Made<'a>(Vec<Object<'a>>);

impl<'a> Made<'a> {
    fn add(&mut self, object: Object<'a>) -> Oid {
        let id = object.id;
        self.0.push(object);
        id
    }

    /// What is in a directory after a change.
    fn entry(&mut self, change: &'a Change) -> Result<Option<Entry>, Error> {
        let (id, mode) = match change {
            Change::Write { bytes, mode } => {
                let object = Object::new(Kind::Blob, bytes.as_slice())?;
                (BlobId(self.add(object)), mode)
            }
            Change::Stored { id, mode } => (*id, mode),
            Change::Remove => return Ok(None),
        };
        Ok(Some(Entry::file(id, *mode)))
    }
}

struct Builder<'b> {
    readers: &'b Readers,
    draft: &'b Draft,
}

impl Builder<'_> {
    fn hand_over(&self, made: &mut Made<'_>) -> Result<(), Error> {
        let objects = std::mem::take(&mut made.0);
        if objects.is_empty() {
            return Ok(());
        }
        self.readers.with(|reader| reader.add(&objects, self.draft))
    }

    /// The new name of one directory, or none if nothing is left in it.
    fn directory<'a>(
        &self,
        path: &str,
        base: Option<Oid>,
        pending: Pending<'a>,
        made: &mut Made<'a>,
    ) -> Result<Option<Oid>, Error> {
        let mut entries = match base {
            Some(base) => self
                .readers
                .with(|reader| entries(reader.repository(), base))?,
            None => BTreeMap::new(),
        };
        let depth = if path.is_empty() { 0 } else { path.len() + 1 };
        let below: Vec<(&str, Pending<'a>)> = pending.names(depth).into_iter().collect();
        let built: Vec<Result<_, Error>> = below
            .into_par_iter()
            .with_min_len(SHARE)
            .map(|(name, pending)| {
                let path = if path.is_empty() {
                    name.to_owned()
                } else {
                    format!("{path}/{name}")
                };
                let existing = entries.get(name.as_bytes()).copied();
                let mut made = Made::default();
                let entry = self.entry(&path, existing, pending, &mut made)?;
                if made.0.len() >= BATCH {
                    self.hand_over(&mut made)?;
                }
                Ok((name, entry, made))
            })
            .collect();
        // The error of the first name, whichever thread was first.
        for named in built {
            let (name, entry, objects) = named?;
            made.0.extend(objects.0);
            match entry {
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
            made.add(tree)
        }))
    }

    /// The new entry in the place of `existing`.
    fn entry<'a>(
        &self,
        path: &str,
        existing: Option<Entry>,
        pending: Pending<'a>,
        made: &mut Made<'a>,
    ) -> Result<Option<Entry>, Error> {
        if let Some(existing) = existing {
            refuse_foreign_mode(path, existing.mode)?;
        }
        let obstructed = || Error::Obstructed {
            path: path.to_owned(),
        };
        let file = pending.file;
        let directory = existing.filter(|entry| entry.mode == DIRECTORY);
        let written = file.filter(|change| change.writes());
        if pending.below.is_empty() {
            return match written {
                Some(_) if directory.is_some() => Err(obstructed()),
                Some(change) => made.entry(change),
                // Only a file can be removed; a directory of this name is someone else's.
                None => Ok(directory),
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
        let base = directory.map(|entry| entry.id);
        let below = self.directory(path, base, pending, made)?.map(|id| Entry {
            mode: DIRECTORY,
            id,
        });
        match written {
            Some(_) if below.is_some() => Err(obstructed()),
            Some(change) => made.entry(change),
            None => Ok(below),
        }
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
