//! Writes and removes single files of a work tree, never through a symbolic link.
//!
//! A file is written beside its place and renamed into it: a reader sees the old
//! or the new content, and a link or directory in its place is never followed.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::git::error::Error;

/// Writes `path` below `root` with the type and permissions of the git `mode`.
pub(super) fn write(root: &Path, path: &Path, mode: u32, bytes: &[u8]) -> Result<Metadata, Error> {
    let place = root.join(path);
    let write = || {
        make_directories(root, path)?;
        let aside = aside(&place);
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

fn aside(place: &Path) -> PathBuf {
    place.with_file_name(format!(".ztgit-{}.tmp", std::process::id()))
}

fn fill(aside: &Path, mode: u32, bytes: &[u8]) -> io::Result<()> {
    if mode == 0o120_000 {
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
