//! The files of a render, and who put each there.

use std::collections::BTreeMap;

use super::mode::FileMode;
use super::path::TreePath;
use super::places::{Clash, Places};
use super::sha256::{FieldHasher, Sha256};

/// A file of a render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The content.
    pub bytes: Vec<u8>,
    /// Whether it is executable.
    pub mode: FileMode,
    /// The plugin that gave it, or `ztgit`; for messages, not part of the
    /// digest.
    pub owner: String,
}

/// What git keeps of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blob<'a> {
    /// The content.
    pub bytes: &'a [u8],
    /// Whether it is executable.
    pub mode: FileMode,
}

/// Files by path, no two of which fall together in any checkout.
#[derive(Debug, Clone, Default)]
pub struct OutputTree {
    entries: BTreeMap<TreePath, Entry>,
    places: Places,
}

/// Two files that cannot be in one tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Collision {
    /// Both have the same path.
    #[error("`{path}` is written by `{owner}` and by `{other_owner}`")]
    Duplicate {
        /// The path.
        path: TreePath,
        /// Who came second.
        owner: String,
        /// Who came first.
        other_owner: String,
    },
    /// One is a file where the other needs a directory.
    #[error(
        "`{path}` of `{owner}` and `{other}` of `{other_owner}` need one name as a file and as a directory"
    )]
    FileAndDirectory {
        /// The path that came second.
        path: TreePath,
        /// Its owner.
        owner: String,
        /// The path that came first.
        other: TreePath,
        /// Its owner.
        other_owner: String,
    },
    /// They differ in case or in composed characters only.
    #[error(
        "`{path}` of `{owner}` and `{other}` of `{other_owner}` fall together on macOS or Windows"
    )]
    Spelling {
        /// The path that came second.
        path: TreePath,
        /// Its owner.
        owner: String,
        /// The path that came first.
        other: TreePath,
        /// Its owner.
        other_owner: String,
    },
}

impl Entry {
    /// A file that is not executable.
    pub fn regular(bytes: impl Into<Vec<u8>>, owner: impl Into<String>) -> Self {
        Self {
            bytes: bytes.into(),
            mode: FileMode::Regular,
            owner: owner.into(),
        }
    }

    /// What git keeps of it.
    pub fn blob(&self) -> Blob<'_> {
        Blob {
            bytes: &self.bytes,
            mode: self.mode,
        }
    }
}

impl OutputTree {
    /// A tree without files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, or says with which one it collides; then the tree is as it
    /// was.
    pub fn insert(&mut self, path: TreePath, entry: Entry) -> Result<(), Collision> {
        if let Err((clash, other)) = self.places.take(&path) {
            return Err(self.collision(clash, path, entry.owner, other));
        }
        self.entries.insert(path, entry);
        Ok(())
    }

    /// Adds all files of another tree, up to the first that collides.
    pub fn merge(&mut self, other: Self) -> Result<(), Collision> {
        other
            .entries
            .into_iter()
            .try_for_each(|(path, entry)| self.insert(path, entry))
    }

    /// The file at a path.
    pub fn get(&self, path: &TreePath) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// All files by path.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&TreePath, &Entry)> {
        self.entries.iter()
    }

    /// All files as git keeps them, by path.
    pub fn blobs(&self) -> impl DoubleEndedIterator<Item = (&TreePath, Blob<'_>)> {
        self.entries
            .iter()
            .map(|(path, entry)| (path, entry.blob()))
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// A digest of all paths, modes and contents.
    pub fn digest(&self) -> Sha256 {
        let mut hasher = FieldHasher::default();
        for (path, entry) in &self.entries {
            hasher.field(path.as_str().as_bytes());
            hasher.field(&entry.mode.git().to_le_bytes());
            hasher.field(&entry.bytes);
        }
        hasher.finish()
    }

    fn collision(&self, clash: Clash, path: TreePath, owner: String, other: TreePath) -> Collision {
        let taken = self
            .entries
            .get(&other)
            .expect("a place is taken by a file of the tree");
        let other_owner = taken.owner.clone();
        match clash {
            Clash::Same => Collision::Duplicate {
                path,
                owner,
                other_owner,
            },
            Clash::FileAndDirectory => Collision::FileAndDirectory {
                path,
                owner,
                other,
                other_owner,
            },
            Clash::Spelling => Collision::Spelling {
                path,
                owner,
                other,
                other_owner,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Collision, Entry, OutputTree};
    use crate::tree::{FileMode, TreePath};

    fn path(text: &str) -> TreePath {
        TreePath::new(text).unwrap()
    }

    fn tree(files: &[(&str, &str)]) -> Result<OutputTree, Collision> {
        let mut tree = OutputTree::new();
        for (number, (name, content)) in files.iter().enumerate() {
            tree.insert(
                path(name),
                Entry::regular(*content, format!("plugin-{number}")),
            )?;
        }
        Ok(tree)
    }

    fn refusal(first: &str, second: &str) -> String {
        tree(&[(first, ""), (second, "")]).unwrap_err().to_string()
    }

    #[test]
    fn files_come_back_sorted_by_path() {
        let tree = tree(&[("b", "2"), ("a/z", "1"), ("a/y", "0")]).unwrap();
        let paths: Vec<_> = tree.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["a/y", "a/z", "b"]);
        assert_eq!(tree.get(&path("b")).unwrap().bytes, b"2");
        assert_eq!(tree.len(), 3);
    }

    #[test]
    fn a_duplicate_names_both_owners() {
        assert_eq!(
            refusal("a/b", "a/b"),
            "`a/b` is written by `plugin-1` and by `plugin-0`"
        );
    }

    #[test]
    fn a_file_where_a_directory_is_names_both_owners() {
        let message = "need one name as a file and as a directory";
        assert_eq!(
            refusal("a", "a/b"),
            format!("`a/b` of `plugin-1` and `a` of `plugin-0` {message}")
        );
        assert_eq!(
            refusal("a/b", "a"),
            format!("`a` of `plugin-1` and `a/b` of `plugin-0` {message}")
        );
        assert_eq!(
            refusal("a", "a/b/c/d"),
            format!("`a/b/c/d` of `plugin-1` and `a` of `plugin-0` {message}")
        );
    }

    #[test]
    fn case_and_composition_name_both_owners() {
        for (first, second) in [
            ("a/B", "a/b"),
            ("A/x", "a/y"),
            ("r/A/x/1", "r/a/y/2"),
            ("A", "a/y"),
            ("caf\u{e9}", "cafe\u{301}"),
        ] {
            assert_eq!(
                refusal(first, second),
                format!(
                    "`{second}` of `plugin-1` and `{first}` of `plugin-0` fall together on macOS or Windows"
                )
            );
        }
    }

    #[test]
    fn a_refused_file_leaves_no_trace() {
        let mut tree = tree(&[("a/b", "")]).unwrap();
        let before = tree.digest();
        assert!(tree.insert(path("A/c/d"), Entry::regular("", "x")).is_err());
        assert_eq!(tree.digest(), before);
        assert!(tree.insert(path("a/C/d"), Entry::regular("", "x")).is_ok());
    }

    #[test]
    fn neighbours_do_not_collide() {
        assert!(
            tree(&[
                ("a/b", ""),
                ("a/bc", ""),
                ("a-b", ""),
                ("a.b/a", ""),
                ("b/a", "")
            ])
            .is_ok()
        );
    }

    #[test]
    fn merging_finds_collisions() {
        let mut left = tree(&[("a", "")]).unwrap();
        assert!(left.merge(tree(&[("b", "")]).unwrap()).is_ok());
        assert_eq!(left.len(), 2);
        assert!(left.merge(tree(&[("B", "")]).unwrap()).is_err());
    }

    #[test]
    fn the_digest_covers_path_mode_and_bytes_only() {
        let one = |name: &str, content: &str, mode, owner: &str| {
            let mut tree = OutputTree::new();
            let entry = Entry {
                bytes: content.into(),
                mode,
                owner: owner.to_owned(),
            };
            tree.insert(path(name), entry).unwrap();
            tree.digest()
        };
        let base = one("a", "x", FileMode::Regular, "p");
        assert_eq!(base, one("a", "x", FileMode::Regular, "q"));
        assert_ne!(base, one("b", "x", FileMode::Regular, "p"));
        assert_ne!(base, one("a", "y", FileMode::Regular, "p"));
        assert_ne!(base, one("a", "x", FileMode::Executable, "p"));
    }

    #[test]
    fn the_digest_does_not_depend_on_the_order_of_insertion() {
        let files = [("a", "1"), ("b", "2"), ("c/d", "3")];
        let mut reversed = files;
        reversed.reverse();
        assert_eq!(
            tree(&files).unwrap().digest(),
            tree(&reversed).unwrap().digest()
        );
    }
}
