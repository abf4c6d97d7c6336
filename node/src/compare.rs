//! What a folder would change on the node, before anything is.

use std::collections::BTreeMap;

use crate::digest::Sha256;
use crate::error::{Error, IoContext as _};
use crate::format::Format;
use crate::guard::{self, Held};
use crate::host::Host;
use crate::manifest::Lifecycle;
use crate::path::HostPath;
use crate::root::{Found, Kind};
use crate::source::{LARGEST_FILE, Source, SourceFile};
use crate::state::{Change, Installation, InstalledFile, State, Version};

/// The difference between a node and its folder.
pub(crate) struct Comparison {
    pub(crate) pending: Vec<Pending>,
    /// Files that wait for a way in that is known to work.
    pub(crate) held: Vec<Held>,
    /// What is installed once all is done.
    pub(crate) installation: Installation,
}

/// A path that changes, with its bytes.
pub(crate) struct Pending {
    pub(crate) change: Change,
    pub(crate) old: Option<Vec<u8>>,
    pub(crate) new: Option<Vec<u8>>,
}

/// Compares everything; changes nothing.
pub(crate) fn compare(
    host: &mut Host<'_>,
    state: &State,
    source: &Source,
) -> Result<Comparison, Error> {
    let empty = BTreeMap::new();
    let installed = state.installed.as_ref().map_or(&empty, |it| &it.files);
    let mut pending = Vec::new();
    for file in &source.files {
        pending.extend(of_file(host, installed.get(&file.path), file)?);
    }
    let held = guard::hold(host, source, &mut pending);
    for (path, file) in installed {
        if file.lifecycle == Lifecycle::Managed && !source.files.iter().any(|it| it.path == *path) {
            pending.extend(of_leftover(host, path, file)?);
        }
    }
    let is_held = |path: &HostPath| held.iter().any(|held| held.path == *path);
    let mut files: BTreeMap<_, _> = source
        .files
        .iter()
        .filter(|file| !is_held(&file.path))
        .map(|file| (file.path.clone(), InstalledFile::of(file)))
        .collect();
    let kept = installed.iter().filter(|(path, _)| is_held(path));
    files.extend(kept.map(|(path, file)| (path.clone(), file.clone())));
    Ok(Comparison {
        pending,
        held,
        installation: Installation {
            cluster: source.cluster.clone(),
            node: source.node.clone(),
            manifest: source.manifest,
            files,
        },
    })
}

impl InstalledFile {
    fn of(file: &SourceFile) -> Self {
        Self {
            sha256: file.sha256,
            mode: file.mode,
            lifecycle: file.lifecycle,
            activation: file.activation.clone(),
        }
    }
}

fn of_file(
    host: &Host<'_>,
    installed: Option<&InstalledFile>,
    file: &SourceFile,
) -> Result<Option<Pending>, Error> {
    let found = current(host, &file.path)?;
    if file.lifecycle == Lifecycle::WriteOnce && found.is_some() {
        return Ok(None);
    }
    let after = Version {
        sha256: file.sha256,
        metadata: host.owned(file.mode),
    };
    let (before, old) = found.unzip();
    if before == Some(after) {
        return Ok(None);
    }
    Ok(Some(Pending {
        change: Change {
            path: file.path.clone(),
            before,
            after: Some(after),
            steps_before: installed.map_or_else(Vec::new, |file| file.activation.clone()),
            steps_after: file.activation.clone(),
        },
        old,
        new: Some(file.content.clone()),
    }))
}

/// A file that was of ours and is no more.
fn of_leftover(
    host: &Host<'_>,
    path: &HostPath,
    file: &InstalledFile,
) -> Result<Option<Pending>, Error> {
    let Some((before, old)) = current(host, path)? else {
        return Ok(None);
    };
    Ok(Some(Pending {
        change: Change {
            path: path.clone(),
            before: Some(before),
            after: None,
            steps_before: file.activation.clone(),
            steps_after: Vec::new(),
        },
        old: Some(old),
        new: None,
    }))
}

/// The file that is there. Links and directories are somebody else's.
fn current(host: &Host<'_>, path: &HostPath) -> Result<Option<(Version, Vec<u8>)>, Error> {
    let found = host.root.look(path).context(|| format!("look at {path}"))?;
    match found {
        None => Ok(None),
        Some(Found {
            kind: Kind::File,
            metadata,
            ..
        }) => {
            let bytes = host
                .root
                .read(path, LARGEST_FILE)
                .context(|| format!("read {path}"))?;
            let sha256 = Sha256::of(&bytes);
            Ok(Some((Version { sha256, metadata }, bytes)))
        }
        Some(_) => Err(Error::Obstacle(format!(
            "{path} is no regular file: move it away"
        ))),
    }
}

impl Pending {
    /// The ruleset that nft would load.
    pub(crate) fn ruleset(&self) -> Option<&[u8]> {
        let is_ruleset = Format::of(&self.change.path) == Some(Format::Nftables);
        self.new.as_deref().filter(|_| is_ruleset)
    }
}
