//! Every stack under `stacks/`, rendered by `ztgit` into a directory.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use ztgit_test_support::said;

const STACKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../stacks");

/// The output trees, one below the other, each in a directory of its stack's
/// name.
pub(crate) struct Rendered(TempDir);

/// A file or a directory of an output tree.
pub(crate) struct Place {
    /// `homelab/hosts/home/pi-1/manifest.json`: what a failed test is about.
    name: String,
    /// Where it is on this machine.
    pub(crate) path: PathBuf,
}

impl Rendered {
    /// Renders every stack that is maintained.
    pub(crate) fn stacks() -> Self {
        let rendered = Self(tempfile::tempdir().unwrap());
        for stack in children(Path::new(STACKS)) {
            if stack.join("stack.yaml").exists() {
                rendered.render(&stack);
            }
        }
        rendered
    }

    fn render(&self, stack: &Path) {
        let output = Command::new(env!("CARGO_BIN_EXE_ztgit"))
            .arg("render")
            .arg(stack)
            .arg("--out")
            .arg(self.0.path().join(stack.file_name().unwrap()))
            .env("HOME", self.0.path())
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}: {}",
            stack.display(),
            said(&output)
        );
    }

    /// The files that are wanted, by name. There has to be one: a test that
    /// looks at none would show nothing.
    pub(crate) fn files(&self, wanted: impl Fn(&str) -> bool) -> Vec<Place> {
        let mut files = files_below(self.0.path());
        files.sort();
        let files = files.into_iter().map(|path| self.place(path));
        let files: Vec<Place> = files.filter(|file| wanted(&file.name)).collect();
        assert!(!files.is_empty(), "no stack renders such a file");
        files
    }

    /// The directories that hold such a file.
    pub(crate) fn directories_with(&self, file: &str) -> Vec<Place> {
        let held = self.files(|name| name.rsplit('/').next() == Some(file));
        held.into_iter()
            .map(|file| self.place(file.path.parent().unwrap().to_owned()))
            .collect()
    }

    /// The directory of each node. Its own files are below `files`.
    pub(crate) fn nodes(&self) -> Vec<Place> {
        let mut places = self.directories_with("manifest.json");
        places.retain(|place| !place.name.contains("/_clients/"));
        assert!(!places.is_empty(), "no stack has a node");
        places
    }

    fn place(&self, path: PathBuf) -> Place {
        let name = path
            .strip_prefix(self.0.path())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        Place { name, path }
    }
}

impl Place {
    /// Its text.
    pub(crate) fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    /// All files below it, as paths relative to it.
    pub(crate) fn files_below(&self) -> Vec<String> {
        let files = files_below(&self.path).into_iter();
        let mut files: Vec<String> = files
            .map(|path| {
                path.strip_prefix(&self.path)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        files.sort();
        files
    }

    /// The path on this machine, for a script.
    pub(crate) fn shell(&self) -> String {
        let path = self.path.to_str().unwrap();
        assert!(!path.contains('\''), "a path that needs no escape");
        format!("'{path}'")
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)
    }
}

fn children(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let (directories, mut files): (Vec<_>, Vec<_>) = children(directory)
        .into_iter()
        .partition(|path| path.is_dir());
    files.extend(
        directories
            .iter()
            .flat_map(|directory| files_below(directory)),
    );
    files
}
