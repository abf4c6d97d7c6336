//! Files in the making that a process left which was killed. Others may be writing
//! theirs in the same directory, so only age tells.

use std::fs;
use std::path::Path;
use std::time::Duration;

/// A file that nobody has written to for so long is of a process that has ended.
const ABANDONED: Duration = Duration::from_hours(1);

/// Removes the abandoned files of a directory among those whose names begin so.
pub(crate) fn remove(directory: &Path, prefixes: &[&str]) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_ours = prefixes.iter().any(|prefix| name.starts_with(prefix));
        let modified = entry.metadata().and_then(|metadata| metadata.modified());
        let age = modified.ok().and_then(|modified| modified.elapsed().ok());
        if is_ours && age > Some(ABANDONED) {
            // One that stays takes room and nothing else.
            let _ = fs::remove_file(entry.path());
        }
    }
}
