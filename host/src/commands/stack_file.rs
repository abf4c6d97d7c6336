//! Writing the stack's own files: whole, or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::{CommandError, Exit};

/// Replaces a file by rename; what a link leads to, and not the link.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    replace(path, bytes).map_err(|error| {
        CommandError::new(
            Exit::Incomplete,
            format!("cannot write {}: {error}", path.display()),
        )
    })
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = NamedTempFile::new_in(directory)?;
    file.write_all(bytes)?;
    // A temporary file is for its owner only, and these are for everybody.
    let permissions = match fs::metadata(path) {
        Ok(before) => before.permissions(),
        Err(_) => shared(),
    };
    file.as_file().set_permissions(permissions)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

fn shared() -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt as _;
    fs::Permissions::from_mode(0o644)
}
