//! Keeps a directory of segments in bounds.
//!
//! What was not used for the longest time goes first, a segment at a time.

use std::fs::{self, File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::is_private;
use super::segment::{Draft, EXTENSION, Segment, remove_damaged};
use crate::tree::Sha256;

/// How much there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Bytes of all segments together.
    pub(super) bytes: u64,
    /// Bytes with which a segment is complete, a fraction of all: what goes goes as a
    /// whole.
    pub(super) segment_bytes: u64,
    /// Segments; then the small ones become one.
    pub(super) segments: usize,
    /// Bytes of a segment that is not small any more.
    pub(super) small_bytes: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            bytes: 1 << 30,
            segment_bytes: 1 << 27,
            segments: 24,
            small_bytes: 8 << 20,
        }
    }
}

/// All complete segments, the last used ones first; what is damaged is removed.
pub(super) fn segments(directory: &Path) -> io::Result<Vec<Segment>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_none_or(|found| found != EXTENSION) || !is_private(&path) {
            continue;
        }
        // Opening a named pipe would wait for somebody to write to it.
        let Some(metadata) = fs::metadata(&path).ok().filter(Metadata::is_file) else {
            continue;
        };
        let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        match Segment::open(path.clone()) {
            Ok(segment) => found.push((used, segment)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                remove_damaged(&path, &error);
            }
            // Another run has removed it meanwhile.
            Err(_) => {}
        }
    }
    found.sort_by(|(a, left), (b, right)| (b, &left.path).cmp(&(a, &right.path)));
    Ok(found.into_iter().map(|(_, segment)| segment).collect())
}

/// Notes that a segment was used. Where that cannot be written, it counts as old.
#[expect(
    clippy::disallowed_methods,
    reason = "the age of a file of the cache; nothing that comes out depends on it"
)]
pub(super) fn touch(segment: &Segment) {
    let _ = File::open(&segment.path).and_then(|file| file.set_modified(SystemTime::now()));
}

/// Keeps the directory in bounds.
pub(super) fn keep(directory: &Path, bounds: &Bounds) -> io::Result<()> {
    consolidate(directory, bounds)?;
    evict(directory, bounds)
}

/// Many small runs leave many small files: they become one.
fn consolidate(directory: &Path, bounds: &Bounds) -> io::Result<()> {
    let all = segments(directory)?;
    let is_small = |segment: &&Segment| segment.bytes < bounds.small_bytes;
    let small: Vec<&Segment> = all.iter().filter(is_small).collect();
    if all.len() <= bounds.segments || small.len() < 2 {
        return Ok(());
    }
    let mut draft = Draft::create(directory)?;
    for segment in &small {
        for key in segment.keys() {
            if let Ok(Some(answer)) = segment.get(key) {
                draft.add(*key, &answer, Sha256::of(&answer))?;
            }
        }
    }
    let whole: PathBuf = draft.finish(directory)?;
    for segment in small.iter().filter(|segment| segment.path != whole) {
        let _ = fs::remove_file(&segment.path);
    }
    Ok(())
}

fn evict(directory: &Path, bounds: &Bounds) -> io::Result<()> {
    let mut kept = 0;
    for segment in segments(directory)? {
        kept += segment.bytes;
        if kept > bounds.bytes {
            let _ = fs::remove_file(&segment.path);
        }
    }
    Ok(())
}
