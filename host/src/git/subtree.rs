//! Files in, the names of the directories that git would make of them out, without
//! a repository.

use std::collections::BTreeMap;

use git2::Oid;

use super::error::Error;
use super::id::BlobId;
use super::id::TreeId;
use super::object::{Kind, hash};
use crate::tree::{FileMode, TreePath};

pub(super) const DIRECTORY: i32 = 0o040_000;

/// What a tree says of a name.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    pub(super) mode: i32,
    pub(super) id: Oid,
}

impl Entry {
    pub(super) fn file(blob: BlobId, mode: FileMode) -> Self {
        let mode = i32::try_from(mode.git()).expect("a mode has six octal digits");
        Self { mode, id: blob.0 }
    }
}

/// The names of the directories at these paths that hold exactly these files; none
/// where there are no files below.
pub fn tree_ids<'p, const N: usize>(
    files: impl IntoIterator<Item = (&'p TreePath, BlobId, FileMode)>,
    directories: [&str; N],
) -> Result<[Option<TreeId>; N], Error> {
    let mut root = Directory::default();
    for (path, id, mode) in files {
        root.insert(path.as_str(), Entry::file(id, mode));
    }
    let mut ids = [None; N];
    for (id, path) in ids.iter_mut().zip(directories) {
        let mut directory = Some(&root);
        for name in path.split('/') {
            directory = directory.and_then(|directory| directory.below.get(name));
        }
        *id = directory.map(Directory::id).transpose()?.map(TreeId);
    }
    Ok(ids)
}

#[derive(Default)]
struct Directory<'a> {
    files: Vec<(&'a str, Entry)>,
    below: BTreeMap<&'a str, Directory<'a>>,
}

impl<'a> Directory<'a> {
    fn insert(&mut self, path: &'a str, file: Entry) {
        match path.split_once('/') {
            Some((name, rest)) => self.below.entry(name).or_default().insert(rest, file),
            None => self.files.push((path, file)),
        }
    }

    fn id(&self) -> Result<Oid, Error> {
        let mut entries = BTreeMap::new();
        for (name, file) in &self.files {
            entries.insert(name.as_bytes().to_vec(), *file);
        }
        for (name, below) in &self.below {
            let (mode, id) = (DIRECTORY, below.id()?);
            entries.insert(name.as_bytes().to_vec(), Entry { mode, id });
        }
        hash(Kind::Tree, &serialize(entries))
    }
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
