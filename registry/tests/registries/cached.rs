//! The cache between registries and whoever uses what they sent.

use std::fs;

use ztgit_registry::{Cache, CacheError, Digest, TrustError};

#[test]
pub(crate) fn a_cached_file_with_any_byte_changed_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::new(directory.path());
    let whole: Vec<u8> = (0..=255).collect();
    let digest = Digest::of(&whole);
    cache.put(&whole).unwrap();
    for place in 0..whole.len() {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(cache.path(&digest), changed).unwrap();
        let refused = cache.get(&digest, 1 << 20).unwrap_err();
        let is_changed = matches!(refused, CacheError::Changed(TrustError::Cached { .. }));
        assert!(is_changed, "byte {place}: {refused}");
    }
}
