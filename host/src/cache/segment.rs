//! One file of the store: the answers of one run, then an index of them.
//!
//! ```text
//! answers, one behind the other
//! index: for each answer its key, sha256, offset and length, sorted by key
//! footer: number of answers, sha256 of the index, a magic number
//! ```
//!
//! A file gets its name when it is complete, and is never changed after that.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::NamedTempFile;

use crate::tree::Sha256;

const MAGIC: &[u8; 8] = b"ztgitans";
const FOOTER_BYTES: usize = 8 + 32 + 8;
const ENTRY_BYTES: usize = 32 + 32 + 8 + 8;
/// What the names of segments end in.
pub(super) const EXTENSION: &str = "answers";
/// How the name of one begins that is being written.
pub(super) const UNFINISHED: &str = ".unfinished-";

/// A complete file.
pub(super) struct Segment {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    file: File,
    entries: BTreeMap<Sha256, Place>,
    used: AtomicBool,
    damaged: AtomicBool,
}

#[derive(Clone, Copy)]
struct Place {
    digest: Sha256,
    offset: u64,
    length: u64,
}

impl Segment {
    /// A file as it was written; an error where it is not.
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let file = File::open(&path)?;
        let bytes = file.metadata()?.len();
        let mut footer = [0; FOOTER_BYTES];
        let footer_at = bytes.checked_sub(FOOTER_BYTES as u64).ok_or_else(damaged)?;
        file.read_exact_at(&mut footer, footer_at)?;
        let (count, rest) = footer.split_at(8);
        let (digest, magic) = rest.split_at(32);
        let count = usize::try_from(number(count)).map_err(|_| damaged())?;
        let size = count.checked_mul(ENTRY_BYTES).ok_or_else(damaged)?;
        let index_at = footer_at.checked_sub(size as u64).ok_or_else(damaged)?;
        let mut index = vec![0; size];
        file.read_exact_at(&mut index, index_at)?;
        if magic != MAGIC || Sha256::of(&index).as_bytes() != digest {
            return Err(damaged());
        }
        let entries = index.chunks_exact(ENTRY_BYTES).map(Place::parse).collect();
        Ok(Self {
            path,
            bytes,
            file,
            entries,
            used: AtomicBool::new(false),
            damaged: AtomicBool::new(false),
        })
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &Sha256> {
        self.entries.keys()
    }

    /// The answer to a key; an error where it is not what was written.
    pub(super) fn get(&self, key: &Sha256) -> io::Result<Option<Vec<u8>>> {
        let Some(place) = self.entries.get(key) else {
            return Ok(None);
        };
        if place.length > self.bytes {
            return Err(damaged());
        }
        self.used.store(true, Ordering::Relaxed);
        place.read(&self.file).map(Some)
    }

    /// Removes the file, an answer of which is not what was written; says so once.
    pub(super) fn give_up(&self, error: &io::Error) {
        if !self.damaged.swap(true, Ordering::Relaxed) {
            remove_damaged(&self.path, error);
        }
    }

    /// Whether an answer was looked for here that was there.
    pub(super) fn was_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }
}

/// Removes a file that is not what was written, and says so.
pub(super) fn remove_damaged(path: &Path, error: &io::Error) {
    tracing::warn!(path = %path.display(), %error, "a file of the cache is removed");
    let _ = fs::remove_file(path);
}

impl Place {
    fn parse(entry: &[u8]) -> (Sha256, Self) {
        let digest = |bytes: &[u8]| {
            Sha256::from_bytes(bytes.try_into().expect("a digest's place has 32 bytes"))
        };
        let place = Self {
            digest: digest(&entry[32..64]),
            offset: number(&entry[64..72]),
            length: number(&entry[72..80]),
        };
        (digest(&entry[..32]), place)
    }

    fn read(&self, file: &File) -> io::Result<Vec<u8>> {
        let mut answer = vec![0; usize::try_from(self.length).map_err(|_| damaged())?];
        file.read_exact_at(&mut answer, self.offset)?;
        if Sha256::of(&answer) == self.digest {
            Ok(answer)
        } else {
            Err(damaged())
        }
    }
}

/// A file that is being written.
pub(super) struct Draft {
    out: BufWriter<NamedTempFile>,
    entries: BTreeMap<Sha256, Place>,
    written: u64,
}

impl Draft {
    pub(super) fn create(directory: &Path) -> io::Result<Self> {
        let file = tempfile::Builder::new()
            .prefix(UNFINISHED)
            .tempfile_in(directory)?;
        Ok(Self {
            out: BufWriter::with_capacity(1 << 18, file),
            entries: BTreeMap::new(),
            written: 0,
        })
    }

    pub(super) fn add(&mut self, key: Sha256, answer: &[u8], digest: Sha256) -> io::Result<()> {
        if self.entries.contains_key(&key) {
            return Ok(());
        }
        self.out.write_all(answer)?;
        let length = answer.len() as u64;
        let place = Place {
            digest,
            offset: self.written,
            length,
        };
        self.written += length;
        self.entries.insert(key, place);
        Ok(())
    }

    /// The answer to a key, where it was added.
    pub(super) fn get(&mut self, key: &Sha256) -> io::Result<Option<Vec<u8>>> {
        let Some(place) = self.entries.get(key) else {
            return Ok(None);
        };
        self.out.flush()?;
        place.read(self.out.get_ref().as_file()).map(Some)
    }

    /// The bytes of all answers.
    pub(super) fn written(&self) -> u64 {
        self.written
    }

    /// Gives the file its name, which is that of its index.
    pub(super) fn finish(mut self, directory: &Path) -> io::Result<PathBuf> {
        let mut index = Vec::with_capacity(self.entries.len() * ENTRY_BYTES);
        for (key, place) in &self.entries {
            index.extend_from_slice(key.as_bytes());
            index.extend_from_slice(place.digest.as_bytes());
            index.extend_from_slice(&place.offset.to_le_bytes());
            index.extend_from_slice(&place.length.to_le_bytes());
        }
        let digest = Sha256::of(&index);
        self.out.write_all(&index)?;
        self.out
            .write_all(&(self.entries.len() as u64).to_le_bytes())?;
        self.out.write_all(digest.as_bytes())?;
        self.out.write_all(MAGIC)?;
        let file = self
            .out
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        let name = format!("{}.{EXTENSION}", &digest.hex()[..32]);
        let path = directory.join(name);
        file.persist(&path)?;
        Ok(path)
    }
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("a number's place has 8 bytes"))
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "it is not what was written")
}
