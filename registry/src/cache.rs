//! Blobs that were pulled before, by their digest.
//!
//! A file is written beside its place and renamed, so it is there whole or not
//! at all, and hashed whenever it is read: what somebody changed is refused,
//! not used.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::{Digest, TrustError};

/// A directory of the user's.
#[derive(Debug, Clone)]
pub struct Cache(PathBuf);

/// Why the cache gives or takes nothing.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The directory or a file in it cannot be used.
    #[error("cannot use the cache `{path}`")]
    Unusable {
        /// The directory or file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file is not what was written.
    #[error(transparent)]
    Changed(#[from] TrustError),
}

impl Cache {
    /// The cache in a directory, which is made at the first write.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self(directory.into())
    }

    /// Where a blob is, or would be.
    pub fn path(&self, digest: &Digest) -> PathBuf {
        self.0.join(format!("sha256-{}", digest.hex()))
    }

    /// A blob of at most `limit` bytes, if it is there.
    pub fn get(&self, digest: &Digest, limit: u64) -> Result<Option<Vec<u8>>, CacheError> {
        let path = self.path(digest);
        let bytes = match read(&path, limit) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(unusable(&path, source)),
        };
        if Digest::of(&bytes) != *digest {
            let path = path.display().to_string();
            return Err(TrustError::Cached { path }.into());
        }
        Ok(Some(bytes))
    }

    /// Keeps a blob.
    pub fn put(&self, bytes: &[u8]) -> Result<(), CacheError> {
        let path = self.path(&Digest::of(bytes));
        self.write(&path, bytes)
            .map_err(|source| unusable(&path, source))
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        make_private(&self.0)?;
        let mut file = NamedTempFile::new_in(&self.0)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }
}

/// One byte more than allowed shows that there are more, and cannot hash to
/// what is asked for.
fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(unix)]
fn make_private(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
}

#[cfg(not(unix))]
fn make_private(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}

fn unusable(path: &Path, source: io::Error) -> CacheError {
    let path = path.display().to_string();
    CacheError::Unusable { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_comes_back_as_it_was_put() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::new(directory.path().join("blobs"));
        let digest = Digest::of(b"component");
        assert_eq!(cache.get(&digest, 100).unwrap(), None);
        cache.put(b"component").unwrap();
        assert_eq!(cache.get(&digest, 100).unwrap().unwrap(), b"component");
        let files = fs::read_dir(directory.path().join("blobs"))
            .unwrap()
            .count();
        assert_eq!(files, 1, "no temporary file is left");
    }

    #[test]
    fn a_file_that_was_changed_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::new(directory.path());
        let digest = Digest::of(b"component");
        for content in [b"Component".as_slice(), b"component and more", b""] {
            fs::write(cache.path(&digest), content).unwrap();
            let error = cache.get(&digest, 9).unwrap_err();
            assert!(matches!(
                error,
                CacheError::Changed(TrustError::Cached { .. })
            ));
        }
    }
}
