//! Files as a compressed archive, the same bytes for the same files.
//!
//! Going out, order, times and owners are fixed. Coming in, an archive may
//! unpack to no more than what is allowed, and holds plain files only.

use std::collections::BTreeMap;
use std::io::{self, Read, Write as _};
use std::path::{Component, Path};

use flate2::read::MultiGzDecoder;
use flate2::{Compression, GzBuilder};
use tar::{Archive, Builder, EntryType, Header};

use crate::Digest;

/// The byte of a gzip header for "unknown operating system".
const NO_OPERATING_SYSTEM: u8 = 255;

/// What is wrong with an archive or with files to put into one.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The path leaves the archive, or is empty.
    #[error("`{0}` is no path inside an archive")]
    Path(String),
    /// A link, a device, or the like.
    #[error("`{0}` is no plain file")]
    NotAFile(String),
    /// Two files at one path.
    #[error("`{0}` is in the archive twice")]
    Twice(String),
    /// The archive unpacks to more than is allowed.
    #[error("the archive unpacks to more than {0} bytes")]
    TooLarge(u64),
    /// The archive is cut off or damaged.
    #[error("the archive cannot be read")]
    Damaged(#[source] io::Error),
}

/// An archive with the digest of what was compressed.
pub(crate) struct Packed {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content: Digest,
}

/// Packs files, by their paths with `/`.
pub(crate) fn pack(files: &BTreeMap<String, Vec<u8>>) -> Result<Packed, ArchiveError> {
    let tarball = tarball(files)?;
    let gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(NO_OPERATING_SYSTEM);
    let mut encoder = gzip.write(Vec::new(), Compression::default());
    let compressed = encoder.write_all(&tarball).and_then(|()| encoder.finish());
    Ok(Packed {
        bytes: compressed.expect("memory takes whatever is written"),
        content: Digest::of(&tarball),
    })
}

fn tarball(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, ArchiveError> {
    let mut builder = Builder::new(Vec::new());
    for (path, content) in files {
        if !is_inside(Path::new(path)) {
            return Err(ArchiveError::Path(path.clone()));
        }
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        builder
            .append_data(&mut header, path, content.as_slice())
            .map_err(|_| ArchiveError::Path(path.clone()))?;
    }
    let tarball = builder.into_inner();
    Ok(tarball.expect("memory takes whatever is written"))
}

/// Unpacks an archive into at most `limit` bytes, the archive's own headers
/// included.
pub fn unpack(archive: &[u8], limit: u64) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let mut bounded = Bounded {
        inner: MultiGzDecoder::new(archive),
        left: limit.saturating_add(1),
    };
    let read = read_entries(&mut bounded);
    if bounded.left == 0 {
        return Err(ArchiveError::TooLarge(limit));
    }
    read
}

fn read_entries(reader: impl Read) -> Result<BTreeMap<String, Vec<u8>>, ArchiveError> {
    let mut files = BTreeMap::new();
    for entry in Archive::new(reader)
        .entries()
        .map_err(ArchiveError::Damaged)?
    {
        let mut entry = entry.map_err(ArchiveError::Damaged)?;
        let path = entry.path().map_err(ArchiveError::Damaged)?.into_owned();
        let name = path.to_string_lossy().into_owned();
        match entry.header().entry_type() {
            EntryType::Directory => continue,
            EntryType::Regular => {}
            _ => return Err(ArchiveError::NotAFile(name)),
        }
        if path.to_str().is_none() || !is_inside(&path) {
            return Err(ArchiveError::Path(name));
        }
        let mut content = Vec::new();
        entry
            .read_to_end(&mut content)
            .map_err(ArchiveError::Damaged)?;
        if files.insert(name.clone(), content).is_some() {
            return Err(ArchiveError::Twice(name));
        }
    }
    Ok(files)
}

fn is_inside(path: &Path) -> bool {
    let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    path.components().next().is_some() && path.components().all(plain)
}

/// Ends with an error once its bytes are used up, and says so by `left`.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        if self.left == 0 {
            return Err(io::Error::other("more than is allowed"));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> BTreeMap<String, Vec<u8>> {
        let long = format!("rendered/home/{}/policy.yaml", "n".repeat(120));
        [
            ("clusters/home/kustomization.yaml".to_owned(), b"a".to_vec()),
            (long, b"b".to_vec()),
        ]
        .into()
    }

    #[test]
    fn what_is_packed_unpacks_to_the_same_files() {
        let packed = pack(&files()).unwrap();
        assert_eq!(unpack(&packed.bytes, 1 << 20).unwrap(), files());
    }

    #[test]
    fn the_archive_names_no_time_and_no_system() {
        let packed = pack(&files()).unwrap();
        assert_eq!(packed.bytes[..10], [31, 139, 8, 0, 0, 0, 0, 0, 0, 255]);
        assert_eq!(packed.bytes, pack(&files()).unwrap().bytes);
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let bomb = pack(&[("zeroes".to_owned(), vec![0; 4 << 20])].into()).unwrap();
        assert!(bomb.bytes.len() < 8192, "it is a bomb");
        let error = unpack(&bomb.bytes, 1 << 20).unwrap_err();
        assert!(matches!(error, ArchiveError::TooLarge(_)), "{error}");
    }

    #[test]
    fn a_path_never_leaves_the_archive() {
        for path in ["../up", "/etc/passwd", "a/../../b", ""] {
            let error = pack(&[(path.to_owned(), Vec::new())].into()).err();
            assert!(matches!(error, Some(ArchiveError::Path(_))), "{path}");
        }
    }

    #[test]
    fn a_link_is_refused() {
        let mut builder = Builder::new(Vec::new());
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Symlink);
        header.set_size(0);
        builder
            .append_link(&mut header, "link", "/etc/passwd")
            .unwrap();
        let mut encoder = GzBuilder::new().write(Vec::new(), Compression::default());
        encoder.write_all(&builder.into_inner().unwrap()).unwrap();
        let error = unpack(&encoder.finish().unwrap(), 1 << 20).unwrap_err();
        assert!(matches!(error, ArchiveError::NotAFile(_)), "{error}");
    }

    #[test]
    fn an_archive_that_is_cut_off_is_damaged() {
        let packed = pack(&files()).unwrap();
        let half = &packed.bytes[..packed.bytes.len() / 2];
        assert!(matches!(
            unpack(half, 1 << 20),
            Err(ArchiveError::Damaged(_))
        ));
    }
}
