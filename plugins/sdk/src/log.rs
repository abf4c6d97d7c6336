//! What a plugin says beside its result.

/// Writes a line to whoever runs ztgit, at `info`; in a native test to standard
/// error.
pub fn log(message: &str) {
    #[cfg(target_arch = "wasm32")]
    crate::guest::log(message);
    #[cfg(not(target_arch = "wasm32"))]
    #[expect(clippy::print_stderr, reason = "a native run has no host to write to")]
    {
        eprintln!("{message}");
    }
}
