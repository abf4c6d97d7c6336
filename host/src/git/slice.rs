//! A commit and some of its paths in, a tree of just these out, and commits of
//! such trees.
//!
//! What lies at a path is taken over by its name: a slice costs the few trees
//! above its paths, however much is in them.

use std::collections::{BTreeMap, BTreeSet};

use git2::{ObjectType, Oid};

use super::commit::Commit;
use super::error::Error;
use super::history::tree_of;
use super::id::CommitId;
use super::object::{Kind, Object};
use super::repository::FleetRepository;
use super::signature::Signature;
use super::subtree::{DIRECTORY, Entry, serialize};
use crate::tree::TreePath;

/// Some paths of a commit, as a tree of their own.
#[derive(Debug)]
pub struct Slice {
    root: Oid,
    trees: Vec<Object<'static>>,
}

/// A commit of a slice that is to be made.
#[derive(Debug)]
pub struct SliceCommit<'a> {
    /// The commit that it follows, if there is one.
    pub parent: Option<CommitId>,
    /// Its tree.
    pub slice: &'a Slice,
    /// The message, trailers included.
    pub message: String,
    /// Who makes it.
    pub signature: Signature,
}

impl FleetRepository {
    /// What a commit has at these paths; those that it does not have are left
    /// out.
    pub fn slice<'a>(
        &self,
        commit: CommitId,
        paths: impl IntoIterator<Item = &'a TreePath>,
    ) -> Result<Slice, Error> {
        let snapshot = self.snapshot(commit)?;
        let mut root = Node::default();
        for path in paths {
            if let Some(found) = snapshot.entry(path.as_str())? {
                let mode = match found.kind() {
                    Some(ObjectType::Tree) => DIRECTORY,
                    _ => found.filemode_raw(),
                };
                let id = found.id();
                root.insert(path, Entry { mode, id });
            }
        }
        let mut trees = Vec::new();
        let root = root.build(&mut trees)?.id;
        Ok(Slice { root, trees })
    }

    /// Whether a commit has exactly the files of a slice.
    pub fn is_slice(&self, commit: CommitId, slice: &Slice) -> Result<bool, Error> {
        Ok(tree_of(&self.repository, commit)? == slice.root)
    }

    /// Makes all these commits, to which no branch points yet.
    pub fn write_slices(&self, commits: &[SliceCommit<'_>]) -> Result<Vec<CommitId>, Error> {
        let mut made = Vec::new();
        let mut objects: BTreeMap<Oid, Object<'_>> = BTreeMap::new();
        for commit in commits {
            let object = self.commit_object(&commit.header(), commit.slice.root)?;
            made.push(CommitId(object.id));
            objects.insert(object.id, object);
            let trees = commit.slice.trees.iter();
            objects.extend(trees.map(|tree| (tree.id, tree.clone())));
        }
        let objects: Vec<Object<'_>> = objects.into_values().collect();
        if !objects.is_empty() {
            let _lock = self.lock()?;
            self.store_objects(&objects, &self.draft())?;
        }
        Ok(made)
    }
}

impl SliceCommit<'_> {
    fn header(&self) -> Commit {
        Commit {
            tip: self.parent,
            base: self.parent,
            changes: BTreeMap::new(),
            managed: BTreeSet::new(),
            message: self.message.clone(),
            author: self.signature.clone(),
            committer: self.signature.clone(),
        }
    }
}

/// A name on the way to a path, or what lies there.
#[derive(Default)]
struct Node {
    entry: Option<Entry>,
    below: BTreeMap<Vec<u8>, Node>,
}

impl Node {
    fn insert(&mut self, path: &TreePath, entry: Entry) {
        let mut node = self;
        for name in path.segments() {
            node = node.below.entry(name.as_bytes().to_vec()).or_default();
        }
        node.entry = Some(entry);
    }

    /// What a name stands for: all of it where it was chosen, also where only a
    /// part of it was chosen as well.
    fn build(self, trees: &mut Vec<Object<'static>>) -> Result<Entry, Error> {
        if let Some(entry) = self.entry {
            return Ok(entry);
        }
        let mut entries = BTreeMap::new();
        for (name, node) in self.below {
            entries.insert(name, node.build(trees)?);
        }
        let tree = Object::new(Kind::Tree, serialize(entries))?;
        let id = tree.id;
        trees.push(tree);
        Ok(Entry {
            mode: DIRECTORY,
            id,
        })
    }
}
