//! Where tests may write.

use std::path::{Path, PathBuf};

/// A directory of this name below `target/tmp`, made where it is absent. What
/// an earlier run left there is still there.
pub fn scratch(name: &str) -> PathBuf {
    let directory = target_directory().join("tmp").join(name);
    std::fs::create_dir_all(&directory).expect("the target directory is writable");
    directory
}

/// Cargo puts the program of a test at `<target>/<profile>/deps/`.
fn target_directory() -> PathBuf {
    let program = std::env::current_exe().expect("a running program has a path");
    let target = program.ancestors().nth(3).map(Path::to_owned);
    target.expect("a test's program lies deep in the target directory")
}
