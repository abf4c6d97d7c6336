//! Where everything that is thrown away lies.

use tempfile::TempDir;

/// An empty directory below the temporary one; what a killed run leaves there can
/// be told by its name.
pub(crate) fn state_directory() -> TempDir {
    tempfile::Builder::new()
        .prefix("ztgit-flux-")
        .tempdir()
        .expect("the temporary directory is writable")
}
