//! Which names of a tree are taken, as the most forgiving file system sees it.
//!
//! Paths enter; a path is refused whose place, or whose parent's place, holds
//! something else already. `A/x` and `a/y` clash as much as `A` and `a`: a
//! checkout on macOS or Windows would put both into one directory.

use std::collections::BTreeMap;

use super::fold::folded;
use super::path::TreePath;

/// The places of a tree by their folded path.
#[derive(Debug, Clone, Default)]
pub(super) struct Places(BTreeMap<String, Place>);

#[derive(Debug, Clone)]
struct Place {
    kind: PlaceKind,
    /// The path as it was written first.
    spelling: String,
    /// The file that was the first to need the place.
    taken_by: TreePath,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PlaceKind {
    File,
    Directory,
}

/// Why a place is not free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clash {
    /// The same path.
    Same,
    /// One is a file where the other needs a directory.
    FileAndDirectory,
    /// Another spelling of the same name.
    Spelling,
}

impl Places {
    /// Takes a file's place and those of its directories, or says which file
    /// is in the way; then nothing is taken.
    pub(super) fn take(&mut self, path: &TreePath) -> Result<(), (Clash, TreePath)> {
        let key = folded(path.as_str());
        self.check(&key, path.as_str(), PlaceKind::File)?;
        let mut missing = Vec::new();
        for (key, spelling) in parents(&key, path.as_str()) {
            if self.0.contains_key(key) {
                // Its own parents were checked when it was put there.
                self.check(key, spelling, PlaceKind::Directory)?;
                break;
            }
            missing.push((key, spelling));
        }
        for (key, spelling) in missing {
            self.put(key, spelling, PlaceKind::Directory, path);
        }
        self.put(&key, path.as_str(), PlaceKind::File, path);
        Ok(())
    }

    fn check(&self, key: &str, spelling: &str, kind: PlaceKind) -> Result<(), (Clash, TreePath)> {
        let Some(place) = self.0.get(key) else {
            return Ok(());
        };
        let clash = match (place.kind, kind) {
            _ if place.spelling != spelling => Clash::Spelling,
            (PlaceKind::Directory, PlaceKind::Directory) => return Ok(()),
            (PlaceKind::File, PlaceKind::File) => Clash::Same,
            _ => Clash::FileAndDirectory,
        };
        Err((clash, place.taken_by.clone()))
    }

    fn put(&mut self, key: &str, spelling: &str, kind: PlaceKind, path: &TreePath) {
        let place = Place {
            kind,
            spelling: spelling.to_owned(),
            taken_by: path.clone(),
        };
        self.0.insert(key.to_owned(), place);
    }
}

/// The directories above a path, nearest first, folded and as written. Folding
/// neither makes nor removes a slash, so both have the same number.
fn parents<'a>(key: &'a str, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let up = |path: &&'a str| path.rsplit_once('/').map(|(parent, _)| parent);
    let ancestors = move |path| std::iter::successors(Some(path), up).skip(1);
    ancestors(key).zip(ancestors(path))
}
