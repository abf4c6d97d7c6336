//! A failed read in, the file that is to blame out, where one can be named.
//!
//! A crash or a full disk leaves files of zero length; libgit2 then says only
//! that something could not be parsed or found. This looks for them, but only
//! once something has failed.

use std::fs;
use std::path::{Path, PathBuf};

use git2::Repository;

use super::error::Error;

/// Turns libgit2's error into ours, naming an empty file if there is one.
pub(super) fn explain(repository: &Repository, operation: &str, source: git2::Error) -> Error {
    match empty_file(repository.commondir()) {
        Some(file) => Error::Damaged { file },
        None => Error::Git {
            operation: operation.to_owned(),
            repository: repository.path().to_owned(),
            source,
        },
    }
}

fn empty_file(git_directory: &Path) -> Option<PathBuf> {
    let objects = git_directory.join("objects");
    Some(git_directory.join("HEAD"))
        .filter(|file| is_empty(file))
        .or_else(|| find(&git_directory.join("refs"), &|_| true))
        .or_else(|| {
            find(&objects.join("pack"), &|file| {
                has_extension(file, &["idx", "pack"])
            })
        })
        .or_else(|| {
            find(&objects, &|file| {
                file.extension().is_none() && !is_draft(file)
            })
        })
}

/// The first empty file below `directory`, in the order of names.
fn find(directory: &Path, eligible: &dyn Fn(&Path) -> bool) -> Option<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(directory)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    entries.into_iter().find_map(|path| {
        if path.is_dir() {
            find(&path, eligible)
        } else {
            (is_empty(&path) && !has_extension(&path, &["lock"]) && eligible(&path)).then_some(path)
        }
    })
}

/// Whether it is a file that somebody is writing, or was until they were killed.
fn is_draft(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().starts_with("tmp_")
}

/// Whether there is a file of zero length.
pub(super) fn is_empty(file: &Path) -> bool {
    fs::symlink_metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
}

fn has_extension(file: &Path, extensions: &[&str]) -> bool {
    file.extension()
        .is_some_and(|extension| extensions.iter().any(|known| extension == *known))
}
