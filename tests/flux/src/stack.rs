//! The stacks that are rendered here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::installation::{workspace, ztgit};
use crate::state::state_directory;

/// A stack's directory.
#[derive(Debug, Clone)]
pub struct Stack(PathBuf);

impl Stack {
    /// Those that ztgit comes with.
    pub fn maintained() -> Vec<Self> {
        let mut stacks: Vec<PathBuf> = entries(&workspace().join("stacks"));
        stacks.retain(|path| path.join("stack.yaml").is_file());
        assert!(!stacks.is_empty(), "there are no stacks");
        stacks.into_iter().map(Self).collect()
    }

    /// One of those by its name.
    pub fn named(name: &str) -> Self {
        Self(workspace().join("stacks").join(name))
    }

    /// The small one that tests change in every way.
    pub fn shop() -> Self {
        Self(Path::new(env!("CARGO_MANIFEST_DIR")).join("stacks/shop"))
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.0
    }

    /// The folder's name.
    pub fn name(&self) -> String {
        file_name(&self.0)
    }

    /// The names of its clusters.
    pub fn clusters(&self) -> Vec<String> {
        let directory = state_directory();
        let output = Command::new(ztgit())
            .args(["render", "--out", "tree"])
            .arg(&self.0)
            .current_dir(&directory)
            .output()
            .expect("there is a ztgit");
        assert!(output.status.success(), "{output:?}");
        let clusters = entries(&directory.path().join("tree/clusters"));
        clusters.iter().map(|path| file_name(path)).collect()
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory);
    let entries = entries.unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a directory can be listed").path())
        .collect();
    paths.sort();
    paths
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().expect("it has a name");
    name.to_string_lossy().into_owned()
}
