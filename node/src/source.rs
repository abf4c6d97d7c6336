//! A node's folder, as it was copied from a fleet repository.
//!
//! A folder enters; a [`Source`] leaves: every file is there, has the digest
//! that the manifest says, and is within the allow-list for its path. A folder
//! that differs from its manifest was tampered with, or copied in part.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use crate::digest::{Mode, Sha256};
use crate::format::{self, Format, Refusal};
use crate::manifest::{API_VERSION, Entry, KIND, Lifecycle, Manifest, Step};
use crate::name::is_plain;
use crate::path::HostPath;
use crate::root::{Kind, Root};

/// Bytes that one file may have, the manifest included.
pub(crate) const LARGEST_FILE: u64 = 1 << 20;
/// Bytes that all files may have together: they are in memory at once.
const LARGEST_FOLDER: usize = 16 << 20;
const MOST_FILES: usize = 512;
/// Steps that one file may have. They are in the journal several times over,
/// and one that is too large to be read again would be no way back.
const MOST_STEPS: usize = 8;
const MANIFEST: &str = "/manifest.json";

/// Everything a node is to have.
#[derive(Debug)]
pub struct Source {
    /// The cluster's name.
    pub cluster: String,
    /// The node's name.
    pub node: String,
    /// The digest of the manifest, which holds those of all files.
    pub manifest: Sha256,
    pub(crate) files: Vec<SourceFile>,
}

/// A file that a node is to have.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: HostPath,
    pub(crate) format: Format,
    pub(crate) content: Vec<u8>,
    pub(crate) sha256: Sha256,
    pub(crate) mode: Mode,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) activation: Vec<Step>,
}

/// Why a folder is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be read.
    #[error("cannot read {path} of the node's folder")]
    Unreadable {
        /// Which part.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is not what the manifest says.
    #[error("the node's folder was tampered with or copied in part: {0}")]
    Tampered(String),
    /// Files that no node may be given.
    #[error("the node's folder is refused: {}", summary(.0))]
    Refused(Vec<Refusal>),
}

fn summary(refusals: &[Refusal]) -> String {
    match refusals {
        [] => String::new(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
    }
}

impl Source {
    /// Reads and checks a folder.
    pub fn read(folder: &Path) -> Result<Self, SourceError> {
        let root = Root::open(folder).map_err(|source| SourceError::Unreadable {
            path: folder.display().to_string(),
            source,
        })?;
        let bytes = read(&root, MANIFEST)?;
        let (manifest, node) = parse(&bytes)?;
        check_listing(&root, &manifest)?;
        let mut refusals = Vec::new();
        let mut files = Vec::new();
        let mut bytes_read = 0;
        for entry in manifest.files {
            let content = read(&root, &format!("/files{}", entry.path))?;
            bytes_read += content.len();
            if bytes_read > LARGEST_FOLDER {
                return tampered("it has more bytes than a node gets");
            }
            if Sha256::of(&content) != entry.sha256 {
                let path = &entry.path;
                return tampered(format!("{path} has another digest than the manifest says"));
            }
            match check(&entry, &content) {
                Ok(format) => files.push(SourceFile::new(entry, format, content)),
                Err(found) => refusals.extend(found),
            }
        }
        if !refusals.is_empty() {
            return Err(SourceError::Refused(refusals));
        }
        Ok(Self {
            cluster: manifest.cluster,
            node,
            manifest: Sha256::of(&bytes),
            files,
        })
    }
}

impl SourceFile {
    fn new(entry: Entry, format: Format, content: Vec<u8>) -> Self {
        Self {
            path: entry.path,
            format,
            content,
            sha256: entry.sha256,
            mode: entry.mode,
            lifecycle: entry.lifecycle,
            activation: entry.activation,
        }
    }
}

fn tampered<T>(what: impl Into<String>) -> Result<T, SourceError> {
    Err(SourceError::Tampered(what.into()))
}

fn read(root: &Root, path: &str) -> Result<Vec<u8>, SourceError> {
    let wrap = |source| SourceError::Unreadable {
        path: path.trim_start_matches('/').to_owned(),
        source,
    };
    let path = HostPath::new(path)
        .map_err(io::Error::other)
        .map_err(wrap)?;
    root.read(&path, LARGEST_FILE).map_err(wrap)
}

fn parse(bytes: &[u8]) -> Result<(Manifest, String), SourceError> {
    let manifest: Manifest = match serde_json::from_slice(bytes) {
        Ok(manifest) => manifest,
        Err(error) => return tampered(format!("manifest.json: {error}")),
    };
    if manifest.api_version != API_VERSION || manifest.kind != KIND {
        return tampered(format!("manifest.json is no {KIND} of {API_VERSION}"));
    }
    if manifest.files.len() > MOST_FILES {
        return tampered(format!("manifest.json lists more than {MOST_FILES} files"));
    }
    match (&manifest.node, &manifest.client) {
        (Some(node), None) if is_plain(node) && is_plain(&manifest.cluster) => {
            let node = node.clone();
            Ok((manifest, node))
        }
        (Some(_), None) => tampered("manifest.json names no cluster or node"),
        _ => tampered("manifest.json is not that of a node"),
    }
}

/// Every file of the manifest is in the folder, and nothing else is.
fn check_listing(root: &Root, manifest: &Manifest) -> Result<(), SourceError> {
    let mut listed = BTreeSet::new();
    for entry in &manifest.files {
        if !listed.insert(format!("files{}", entry.path)) {
            return tampered(format!("manifest.json lists {} twice", entry.path));
        }
    }
    listed.insert("manifest.json".to_owned());
    let mut found = BTreeMap::new();
    walk(root, ".", &mut found)?;
    if let Some((path, _)) = found.iter().find(|(_, kind)| **kind != Kind::File) {
        return tampered(format!("{path} is no regular file"));
    }
    if let Some(path) = found.keys().find(|path| !listed.contains(*path)) {
        return tampered(format!("{path} is not in the manifest"));
    }
    match listed.iter().find(|path| !found.contains_key(*path)) {
        Some(path) => tampered(format!("{path} is missing")),
        None => Ok(()),
    }
}

fn walk(
    root: &Root,
    directory: &str,
    found: &mut BTreeMap<String, Kind>,
) -> Result<(), SourceError> {
    let wrap = |source| SourceError::Unreadable {
        path: directory.to_owned(),
        source,
    };
    if found.len() > MOST_FILES + 1 || directory.matches('/').count() > 32 {
        return tampered("it has more files or directories than a node gets");
    }
    for (name, kind) in root.list(directory).map_err(wrap)? {
        let path = match directory {
            "." => name,
            directory => format!("{directory}/{name}"),
        };
        match kind {
            Kind::Directory => walk(root, &path, found)?,
            kind => {
                found.insert(path, kind);
            }
        }
    }
    Ok(())
}

fn check(entry: &Entry, content: &[u8]) -> Result<Format, Vec<Refusal>> {
    let refuse = |message: String| vec![Refusal::of_file(&entry.path, message)];
    let Some(format) = Format::of(&entry.path) else {
        return Err(refuse(format!(
            "no format is known for this path, which the plugin `{}` gives",
            crate::text::escaped(&entry.plugin, 64)
        )));
    };
    if entry.user != "root" || entry.group != "root" {
        return Err(refuse("only root may own a host file".to_owned()));
    }
    if entry.activation.len() > MOST_STEPS {
        return Err(refuse(format!("it has more than {MOST_STEPS} steps")));
    }
    let widest = format.widest_mode();
    if !entry.mode.is_within(widest) {
        let mode = entry.mode;
        return Err(refuse(format!("mode {mode} gives more than {widest:04o}")));
    }
    format::check(format, &entry.path, content).map(|()| format)
}
