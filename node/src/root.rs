//! A directory tree that is never left.
//!
//! All paths are resolved by the kernel below one directory, and no symbolic
//! link on the way is followed, so nothing that stands there can lead a write
//! elsewhere. What is written is on the disk when a function comes back.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{self, AtFlags, FileType, Gid, Mode as Bits, OFlags, ResolveFlags, Stat, Uid};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use crate::digest::Mode;
use crate::path::HostPath;

/// A directory that stands for `/`.
#[derive(Debug)]
pub struct Root {
    directory: OwnedFd,
    path: PathBuf,
}

/// What a file is besides its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) mode: Mode,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) kind: Kind,
    pub(crate) metadata: Metadata,
    /// How many names the file has.
    pub(crate) links: u64,
}

/// The type of a directory entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    SymbolicLink,
    /// A device, a socket, a pipe.
    Other,
}

impl Root {
    /// Opens the directory itself; here links are followed.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = fs::open(path, flags, Bits::empty())?;
        Ok(Self {
            directory,
            path: path.to_owned(),
        })
    }

    /// What stands at a path; nothing where it or a directory on the way is
    /// absent.
    pub(crate) fn look(&self, path: &HostPath) -> io::Result<Option<Found>> {
        let (directory, name) = path.split();
        let directory = match self.directory(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        match fs::statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(Found::new(&stat))),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A regular file's bytes, at most so many.
    pub(crate) fn read(&self, path: &HostPath, most: u64) -> io::Result<Vec<u8>> {
        // Not blocking: a pipe would wait for a writer.
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = self.resolve(path.relative(), flags)?;
        if Found::new(&fs::fstat(&file)?).kind != Kind::File {
            return Err(io::Error::other("it is no regular file"));
        }
        let mut bytes = Vec::new();
        File::from(file).take(most + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(io::Error::other(format!("it has more than {most} bytes")));
        }
        Ok(bytes)
    }

    /// An open file for a program to read.
    pub(crate) fn open_file(&self, path: &HostPath) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        self.resolve(path.relative(), flags).map(File::from)
    }

    /// The names in a directory, sorted; none where it is absent.
    pub(crate) fn list(&self, directory: &str) -> io::Result<Vec<(String, Kind)>> {
        let directory = match self.directory(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut names = Vec::new();
        for entry in fs::Dir::read_from(&directory)? {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let kind = Found::new(&fs::statat(&directory, name, AtFlags::SYMLINK_NOFOLLOW)?).kind;
            names.push((name.to_string_lossy().into_owned(), kind));
        }
        names.sort();
        Ok(names)
    }

    /// Makes a directory and those above it, where absent.
    pub(crate) fn make_directory(&self, directory: &str, bits: u32) -> io::Result<()> {
        let mut above = ".";
        for (end, _) in directory.match_indices('/').chain([(directory.len(), "")]) {
            let path = &directory[..end];
            if let Err(error) = self.directory(path) {
                if error.kind() != io::ErrorKind::NotFound {
                    return Err(error);
                }
                let parent = self.directory(above)?;
                let name = path.rsplit('/').next().unwrap_or(path);
                fs::mkdirat(&parent, name, Bits::from(0o700))?;
                fs::fchmod(self.directory(path)?, Bits::from(bits))?;
                fs::fsync(&parent)?;
            }
            above = path;
        }
        Ok(())
    }

    /// Removes a directory, unless something is in it.
    pub(crate) fn remove_directory(&self, path: &HostPath) -> io::Result<()> {
        let (directory, name) = path.split();
        let parent = match self.directory(directory) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        match fs::unlinkat(&parent, name, AtFlags::REMOVEDIR) {
            Ok(()) => Ok(fs::fsync(&parent)?),
            Err(Errno::NOENT | Errno::NOTEMPTY | Errno::EXIST) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a new file under another name in the directory of `path`. From
    /// its first moment nobody but root reads it, whatever the umask is.
    pub(crate) fn stage(
        &self,
        path: &HostPath,
        name: &str,
        bytes: &[u8],
        metadata: Metadata,
    ) -> io::Result<()> {
        let directory = self.directory(path.split().0)?;
        remove(&directory, name)?;
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(fs::openat(&directory, name, flags, Bits::from(0o600))?);
        file.write_all(bytes)?;
        let Metadata { mode, uid, gid } = metadata;
        let found = Found::new(&fs::fstat(&file)?).metadata;
        if (found.uid, found.gid) != (uid, gid) {
            fs::fchown(&file, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))?;
        }
        fs::fchmod(&file, Bits::from(mode.bits()))?;
        Ok(fs::fsync(&file)?)
    }

    /// Puts what was staged in its place, over what is there.
    pub(crate) fn publish(&self, path: &HostPath, name: &str) -> io::Result<()> {
        let (directory, target) = path.split();
        let directory = self.directory(directory)?;
        fs::renameat(&directory, name, &directory, target)?;
        Ok(fs::fsync(&directory)?)
    }

    /// Writes a file in one step: old or new, never between.
    pub(crate) fn replace(
        &self,
        path: &HostPath,
        bytes: &[u8],
        metadata: Metadata,
    ) -> io::Result<()> {
        let staged = format!(".{}.new", path.split().1);
        self.stage(path, &staged, bytes, metadata)?;
        self.publish(path, &staged)
    }

    /// Removes a file; it may be absent.
    pub(crate) fn remove(&self, path: &HostPath) -> io::Result<()> {
        self.unstage(path, path.split().1)
    }

    /// Removes another name in the directory of `path`; it may be absent.
    pub(crate) fn unstage(&self, path: &HostPath, name: &str) -> io::Result<()> {
        match self.directory(path.split().0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
            Ok(directory) => {
                if remove(&directory, name)? {
                    fs::fsync(&directory)?;
                }
                Ok(())
            }
        }
    }

    /// Opens a file for a lock; made where it is absent.
    pub(crate) fn lock_file(&self, path: &HostPath) -> io::Result<OwnedFd> {
        let (directory, name) = path.split();
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let directory = self.directory(directory)?;
        Ok(fs::openat(directory, name, flags, Bits::from(0o600))?)
    }

    fn directory(&self, path: &str) -> io::Result<OwnedFd> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        self.resolve(path, flags)
    }

    fn resolve(&self, path: &str, flags: OFlags) -> io::Result<OwnedFd> {
        let how = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        fs::openat2(&self.directory, path, flags, Bits::empty(), how).map_err(|error| match error {
            Errno::LOOP => io::Error::other(format!(
                "a part of {} is a symbolic link, which is never followed",
                self.path.join(path).display()
            )),
            other => other.into(),
        })
    }
}

fn remove(directory: &impl AsFd, name: &str) -> io::Result<bool> {
    match fs::unlinkat(directory, name, AtFlags::empty()) {
        Ok(()) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

impl Found {
    fn new(stat: &Stat) -> Self {
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            FileType::Symlink => Kind::SymbolicLink,
            _ => Kind::Other,
        };
        Self {
            kind,
            metadata: Metadata {
                mode: Mode::of_bits(stat.st_mode),
                uid: stat.st_uid,
                gid: stat.st_gid,
            },
            #[allow(clippy::useless_conversion, reason = "32 bits wide on some machines")]
            links: stat.st_nlink.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn path(text: &str) -> HostPath {
        HostPath::new(text).unwrap()
    }

    fn own(bits: u32) -> Metadata {
        Metadata {
            mode: Mode::of_bits(bits),
            uid: rustix::process::geteuid().as_raw(),
            gid: rustix::process::getegid().as_raw(),
        }
    }

    #[test]
    fn a_link_on_the_way_is_not_followed() {
        let outside = tempfile::tempdir().unwrap();
        let inside = tempfile::tempdir().unwrap();
        symlink(outside.path(), inside.path().join("etc")).unwrap();
        let root = Root::open(inside.path()).unwrap();
        for result in [
            root.replace(&path("/etc/x"), b"x", own(0o600)),
            root.look(&path("/etc/x")).map(drop),
            root.make_directory("etc/x", 0o755),
            root.read(&path("/etc/x"), 9).map(drop),
        ] {
            assert!(result.unwrap_err().to_string().contains("symbolic link"));
        }
        assert_eq!(std::fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_link_at_the_target_is_replaced_and_not_written_through() {
        let directory = tempfile::tempdir().unwrap();
        let victim = directory.path().join("victim");
        std::fs::write(&victim, "old").unwrap();
        symlink(&victim, directory.path().join("x")).unwrap();
        let root = Root::open(directory.path()).unwrap();
        root.replace(&path("/x"), b"new", own(0o600)).unwrap();
        assert_eq!(std::fs::read(&victim).unwrap(), b"old");
        assert_eq!(root.look(&path("/x")).unwrap().unwrap().kind, Kind::File);
    }

    #[test]
    fn a_file_and_its_directories_have_the_modes_that_were_asked_for() {
        let directory = tempfile::tempdir().unwrap();
        let root = Root::open(directory.path()).unwrap();
        root.make_directory("a/b", 0o755).unwrap();
        root.replace(&path("/a/b/x"), b"x", own(0o640)).unwrap();
        let bits = |name: &str| {
            let metadata = std::fs::metadata(directory.path().join(name)).unwrap();
            metadata.permissions().mode() & 0o7777
        };
        assert_eq!(
            (bits("a"), bits("a/b"), bits("a/b/x")),
            (0o755, 0o755, 0o640)
        );
    }
}
