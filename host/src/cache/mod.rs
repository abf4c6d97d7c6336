//! Answers that an earlier run worked out, in the user's cache directory.
//!
//! Enters: a key that is a digest of everything that an answer depends on, and the
//! answer. Leaves: the answer, in this run or a later one, or nothing. What always
//! holds: only what was written under exactly this key comes back, whole, from files
//! that are the user's own and that nobody else can write. Runs at the same time do
//! not disturb each other, and a cache that is lost, full or damaged costs time and
//! nothing else.

mod bounds;
mod segment;
mod store;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

pub use store::{Store, StoreSize};

/// The user's own and writable by nobody else.
pub(crate) fn is_private(path: &Path) -> bool {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return false;
    };
    let ours = fs::metadata("/proc/self").map_or(metadata.uid(), |own| own.uid());
    !metadata.is_symlink() && metadata.uid() == ours && metadata.mode() & 0o022 == 0
}
