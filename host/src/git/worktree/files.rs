//! Writes and removes single files of a work tree, never through a symbolic link.
//!
//! A file is written beside its place and renamed into it: a reader sees the old
//! or the new content, and a link or directory in its place is never followed.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use git2::Oid;

use super::edits::Target;
use crate::git::error::Error;
use crate::git::id::BlobId;

/// The mode of a symbolic link in a tree.
const LINK: u32 = 0o120_000;

/// Writes `path` below `root` with the type and permissions of the git `mode`.
pub(super) fn write(root: &Path, path: &Path, mode: u32, bytes: &[u8]) -> Result<Metadata, Error> {
    let place = root.join(path);
    let write = || {
        make_directories(root, path)?;
        let aside = aside(&place, std::process::id());
        let result = fill(&aside, mode, bytes).and_then(|()| {
            // An empty directory is nothing that git or we would miss.
            if place.is_dir() && !place.is_symlink() {
                fs::remove_dir(&place)?;
            }
            fs::rename(&aside, &place)
        });
        if result.is_err() {
            let _ = fs::remove_file(&aside);
        }
        result?;
        fs::symlink_metadata(&place)
    };
    write().map_err(|source| Error::io("write", &place, source))
}

/// Removes `path` below `root`, and the directories that it leaves empty.
pub(super) fn remove(root: &Path, path: &Path) -> Result<(), Error> {
    if obstacle_above(root, path).is_some() {
        return Ok(());
    }
    let place = root.join(path);
    match fs::remove_file(&place) {
        Err(error) if is_absent(&error) => {}
        result => result.map_err(|source| Error::io("remove", &place, source))?,
    }
    for directory in path
        .ancestors()
        .skip(1)
        .filter(|path| !path.as_os_str().is_empty())
    {
        if fs::remove_dir(root.join(directory)).is_err() {
            break;
        }
    }
    Ok(())
}

/// Whether there is `target` and nothing else at `path` below `root`.
pub(super) fn holds(root: &Path, path: &Path, target: Option<Target>) -> bool {
    let place = root.join(path);
    match (fs::symlink_metadata(&place), target) {
        (Err(error), None) => is_absent(&error),
        (_, Some(target)) if !target.is_in_work_tree() => true,
        (Ok(metadata), Some(target)) if metadata.is_symlink() => {
            target.mode == LINK
                && fs::read_link(&place)
                    .is_ok_and(|to| is_blob(to.as_os_str().as_bytes(), target.id))
        }
        (Ok(metadata), Some(target)) if metadata.is_file() => {
            target.mode != LINK && fs::read(&place).is_ok_and(|bytes| is_blob(&bytes, target.id))
        }
        (Err(_), Some(_)) | (Ok(_), _) => false,
    }
}

fn is_blob(bytes: &[u8], id: Oid) -> bool {
    BlobId::of(bytes).is_ok_and(|found| found == BlobId(id))
}

/// Removes what `process` may have left beside `path` when it ended in the middle.
pub(super) fn remove_left_over(root: &Path, path: &Path, process: u32) {
    // Most likely there is nothing; what cannot be removed harms nobody.
    let _ = fs::remove_file(aside(&root.join(path), process));
}

/// The first part of the way to `path` that exists and is not a directory.
pub(super) fn obstacle_above(root: &Path, path: &Path) -> Option<PathBuf> {
    parents(path).into_iter().find(|parent| {
        fs::symlink_metadata(root.join(parent)).is_ok_and(|metadata| !metadata.is_dir())
    })
}

/// Whether the error says that there is nothing at the path.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// The directories above `path`, outermost first.
fn parents(path: &Path) -> Vec<PathBuf> {
    let mut parents: Vec<PathBuf> = path
        .ancestors()
        .skip(1)
        .filter(|parent| !parent.as_os_str().is_empty())
        .map(Path::to_owned)
        .collect();
    parents.reverse();
    parents
}

fn make_directories(root: &Path, path: &Path) -> io::Result<()> {
    for parent in parents(path) {
        let directory = root.join(parent);
        match fs::symlink_metadata(&directory) {
            Ok(metadata) if metadata.is_dir() => {}
            Ok(_) => return Err(io::ErrorKind::NotADirectory.into()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir(&directory)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn aside(place: &Path, process: u32) -> PathBuf {
    place.with_file_name(format!(".ztgit-{process}.tmp"))
}

fn fill(aside: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    if mode == LINK {
        return symlink(std::ffi::OsStr::from_bytes(bytes), aside);
    }
    // The user's umask takes away what it does for git.
    let permissions = if mode & 0o100 == 0 { 0o666 } else { 0o777 };
    let mut file: File = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(permissions)
        .open(aside)?;
    file.write_all(bytes)
}
