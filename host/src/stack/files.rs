//! The files of a stack, from a directory or from a commit.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use crate::tree::Sha256;

use super::parse::{MAX_FILE_BYTES, source_text};

/// The file that makes a directory a stack.
pub const STACK_FILE: &str = "stack.yaml";
/// The file that pins third-party plugins.
pub const LOCK_FILE: &str = "ztgit.lock";

/// Directories of a stack.
const FOLDERS: [&str; 3] = ["apps", "clusters", "manifests"];

/// Every file that the stack is made of, by its path relative to the stack's
/// directory: `stack.yaml`, `clusters/*.yaml`, `apps/*.yaml`, `ztgit.lock` and
/// the hand-written manifests under `manifests/`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StackFiles {
    files: BTreeMap<String, Vec<u8>>,
}

/// Why a stack's files cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum StackFilesError {
    /// There is no `stack.yaml`.
    #[error("{} is no stack: it has no {STACK_FILE}", directory.display())]
    NoStack {
        /// Where it was looked for.
        directory: PathBuf,
    },
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl StackFiles {
    /// From a directory, or from its `stack.yaml`.
    pub fn read(stack: &Path) -> Result<Self, StackFilesError> {
        let directory = stack_directory(stack);
        if !directory.join(STACK_FILE).is_file() {
            return Err(StackFilesError::NoStack { directory });
        }
        let mut paths = Vec::new();
        for name in [STACK_FILE, LOCK_FILE] {
            if directory.join(name).is_file() {
                paths.push(name.to_owned());
            }
        }
        for folder in FOLDERS {
            let path = directory.join(folder);
            if path.is_dir() {
                collect(&path, folder, &mut paths)?;
            }
        }
        let files = paths
            .into_par_iter()
            .map(|path| Ok((path.clone(), read_bounded(&directory.join(path))?)))
            .collect::<Result<_, _>>()?;
        Ok(Self { files })
    }

    /// From a list of files of which only those of a stack are kept.
    pub fn from_files(all: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        Self {
            files: all
                .into_iter()
                .filter(|(path, _)| is_stack_path(path))
                .collect(),
        }
    }

    /// The bytes of a file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// Sets the lock, as it was just written.
    pub fn set_lock(&mut self, bytes: Vec<u8>) {
        self.files.insert(LOCK_FILE.to_owned(), bytes);
    }

    /// Whether a path, relative to the stack's directory, is a file of a stack.
    pub fn belongs(path: &str) -> bool {
        is_stack_path(path)
    }

    /// All files by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// The texts that findings point into: `stack.yaml` first, then by path, those
    /// of clusters before those of apps.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, Arc<str>)> {
        let rank = |path: &str| match path {
            STACK_FILE => 0,
            _ if path.starts_with("clusters/") => 1,
            _ => 2,
        };
        let mut files: Vec<(&str, &[u8])> = self.iter().collect();
        files.sort_by_key(|(path, _)| rank(path));
        files
            .into_iter()
            .map(|(path, bytes)| (path, source_text(bytes)))
    }

    /// YAML files directly in a folder, by path.
    pub(super) fn yaml_in<'a>(
        &'a self,
        folder: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.iter().filter(move |(path, _)| {
            path.strip_prefix(folder)
                .is_some_and(|rest| rest.starts_with('/'))
        })
    }

    /// sha256 over all paths and bytes: what the stack is.
    pub fn digest(&self) -> Sha256 {
        let mut text = Vec::new();
        for (path, bytes) in &self.files {
            text.extend_from_slice(&(path.len() as u64).to_be_bytes());
            text.extend_from_slice(path.as_bytes());
            text.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            text.extend_from_slice(bytes);
        }
        Sha256::of(&text)
    }
}

/// The directory of a stack that is named by its directory or its file.
pub fn stack_directory(stack: &Path) -> PathBuf {
    if stack.file_name().is_some_and(|name| name == STACK_FILE) && !stack.is_dir() {
        match stack.parent() {
            Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
            Some(parent) => parent.to_owned(),
            None => PathBuf::from("."),
        }
    } else {
        stack.to_owned()
    }
}

/// A stack may lie in the fleet repository, whose `clusters/` has directories
/// of their own: only files that stand directly in it are the stack's.
fn is_stack_path(path: &str) -> bool {
    match path.split_once('/') {
        None => path == STACK_FILE || path == LOCK_FILE,
        Some(("manifests", _)) => true,
        Some(("clusters" | "apps", file)) => !file.contains('/') && is_yaml(file),
        Some(_) => false,
    }
}

fn is_yaml(file: &str) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Adds the paths of a folder's files that are a stack's.
fn collect(directory: &Path, prefix: &str, paths: &mut Vec<String>) -> Result<(), StackFilesError> {
    let failed = |source| StackFilesError::Read {
        path: directory.to_owned(),
        source,
    };
    for entry in fs::read_dir(directory).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = entry.path();
        let relative = format!("{prefix}/{name}");
        // A link to a directory is one, so the entry's own type does not tell.
        let is_link = entry.file_type().map_err(failed)?.is_symlink();
        let is_directory = entry.file_type().map_err(failed)?.is_dir() || is_link && path.is_dir();
        if is_directory {
            if prefix.starts_with("manifests") {
                collect(&path, &relative, paths)?;
            }
        } else if is_stack_path(&relative) {
            paths.push(relative);
        }
    }
    Ok(())
}

/// One byte more than a file may have is enough to refuse it later, with the
/// same message as everything else.
fn read_bounded(path: &Path) -> Result<Vec<u8>, StackFilesError> {
    use io::Read as _;
    let failed = |source| StackFilesError::Read {
        path: path.to_owned(),
        source,
    };
    // Opening a named pipe would wait for somebody to write to it.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("it is not a file")));
    }
    let mut bytes = Vec::new();
    fs::File::open(path)
        .map_err(failed)?
        .take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}
