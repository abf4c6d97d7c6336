//! What changes between two trees.
//!
//! Two sets of files enter, as the repository has them and as a render gives
//! them; the paths leave that were added, removed or changed, and from these
//! text for a person ([`unified`]) or for a pull request ([`markdown`]).

mod markdown;
mod text;

use std::collections::BTreeMap;

use super::{Blob, TreePath};

pub use markdown::{MarkdownLayout, markdown};
pub use text::unified;

/// What happens to one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change<'a> {
    /// It comes.
    Added(Blob<'a>),
    /// It goes.
    Removed(Blob<'a>),
    /// Its bytes or its mode become others.
    Changed {
        /// As it is.
        old: Blob<'a>,
        /// As it will be.
        new: Blob<'a>,
    },
}

/// The files that differ between two trees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TreeDiff<'a> {
    changes: BTreeMap<&'a TreePath, Change<'a>>,
}

impl<'a> Change<'a> {
    /// The file before; none if it comes.
    pub fn before(&self) -> Option<Blob<'a>> {
        match *self {
            Self::Added(_) => None,
            Self::Removed(old) | Self::Changed { old, .. } => Some(old),
        }
    }

    /// The file after; none if it goes.
    pub fn after(&self) -> Option<Blob<'a>> {
        match *self {
            Self::Removed(_) => None,
            Self::Added(new) | Self::Changed { new, .. } => Some(new),
        }
    }
}

impl<'a> TreeDiff<'a> {
    /// Compares two sets of files, in any order.
    pub fn between(
        old: impl IntoIterator<Item = (&'a TreePath, Blob<'a>)>,
        new: impl IntoIterator<Item = (&'a TreePath, Blob<'a>)>,
    ) -> Self {
        let mut changes: BTreeMap<_, _> = old
            .into_iter()
            .map(|(path, old)| (path, Change::Removed(old)))
            .collect();
        for (path, new) in new {
            match changes.remove(path).and_then(|change| change.before()) {
                Some(old) if old == new => None,
                Some(old) => changes.insert(path, Change::Changed { old, new }),
                None => changes.insert(path, Change::Added(new)),
            };
        }
        Self { changes }
    }

    /// The files that differ, by path.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&'a TreePath, Change<'a>)> + '_ {
        self.changes.iter().map(|(path, change)| (*path, *change))
    }

    /// Paths that come.
    pub fn added(&self) -> impl Iterator<Item = &'a TreePath> + '_ {
        self.paths(|change| matches!(change, Change::Added(_)))
    }

    /// Paths that go.
    pub fn removed(&self) -> impl Iterator<Item = &'a TreePath> + '_ {
        self.paths(|change| matches!(change, Change::Removed(_)))
    }

    /// Paths that stay, with other bytes or another mode.
    pub fn changed(&self) -> impl Iterator<Item = &'a TreePath> + '_ {
        self.paths(|change| matches!(change, Change::Changed { .. }))
    }

    /// How many files differ.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether the trees are equal.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    fn paths(&self, kind: fn(&Change<'a>) -> bool) -> impl Iterator<Item = &'a TreePath> + '_ {
        self.changes
            .iter()
            .filter(move |(_, change)| kind(change))
            .map(|(path, _)| *path)
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, TreeDiff};
    use crate::tree::{Blob, FileMode, TreePath};

    fn path(text: &str) -> TreePath {
        TreePath::new(text).unwrap()
    }

    fn blob(content: &str) -> Blob<'_> {
        Blob {
            bytes: content.as_bytes(),
            mode: FileMode::Regular,
        }
    }

    #[test]
    fn each_path_is_added_removed_or_changed() {
        let [a, b, c, d] = ["a", "b", "c", "d"].map(path);
        let old = [(&a, blob("1")), (&b, blob("1")), (&c, blob("1"))];
        let new = [(&d, blob("1")), (&c, blob("1")), (&b, blob("2"))];
        let diff = TreeDiff::between(old, new);
        assert_eq!(diff.added().collect::<Vec<_>>(), [&d]);
        assert_eq!(diff.removed().collect::<Vec<_>>(), [&a]);
        assert_eq!(diff.changed().collect::<Vec<_>>(), [&b]);
        assert_eq!(
            diff.iter().map(|(path, _)| path).collect::<Vec<_>>(),
            [&a, &b, &d]
        );
        assert_eq!(diff.len(), 3);
    }

    #[test]
    fn equal_trees_have_no_difference() {
        let a = path("a");
        assert!(TreeDiff::between([(&a, blob("1"))], [(&a, blob("1"))]).is_empty());
    }

    #[test]
    fn another_mode_is_a_change() {
        let a = path("a");
        let old = blob("1");
        let new = Blob {
            mode: FileMode::Executable,
            ..old
        };
        let diff = TreeDiff::between([(&a, old)], [(&a, new)]);
        assert_eq!(diff.iter().next(), Some((&a, Change::Changed { old, new })));
    }
}
