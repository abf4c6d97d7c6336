//! A render as a plain directory, without git.
//!
//! Enters: clusters, one after the other and on any thread. Leaves: a directory that
//! has all of them, and nothing any more of what an earlier render wrote and this one
//! does not. Files are staged inside it first, so that nobody holds the bytes of a
//! fleet, and a render that fails changes nothing.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::changes::{ChangeSet, FleetError, Selection, conclude};
use super::inventory::Inventory;
use crate::git::Change;
use crate::name::ClusterName;
use crate::render::ClusterOutput;
use crate::tree::{FileMode, TreePath};

/// What staged files are below, until all are there.
const STAGED: &str = ".ztgit-staged-";

/// A directory that is being written.
pub struct OutDirectory {
    directory: PathBuf,
    staged: TempDir,
    /// Goes after what is staged in it.
    _made: Option<Made>,
}

/// A directory that was not there before. It goes again while nothing is in it.
struct Made(PathBuf);

impl Drop for Made {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.0);
    }
}

impl OutDirectory {
    /// Makes it, where it is not there; one with files of somebody else is refused.
    pub fn open(directory: &Path) -> Result<Self, FleetError> {
        let failed = |source| cannot_write(directory, source);
        let made = (!directory.exists()).then(|| Made(directory.to_owned()));
        fs::create_dir_all(directory).map_err(failed)?;
        remove_abandoned(directory).map_err(failed)?;
        let is_empty = fs::read_dir(directory).map_err(failed)?.next().is_none();
        if !is_empty && !directory.join(Inventory::DIRECTORY).is_dir() {
            return Err(FleetError::NotEmpty {
                path: directory.to_owned(),
            });
        }
        let staged = tempfile::Builder::new()
            .prefix(STAGED)
            .tempdir_in(directory)
            .map_err(failed)?;
        Ok(Self {
            directory: directory.to_owned(),
            staged,
            _made: made,
        })
    }

    /// Takes the files of a cluster.
    pub fn stage(&self, output: &ClusterOutput) -> Result<(), FleetError> {
        output
            .tree
            .iter()
            .try_for_each(|(path, entry)| self.stage_file(path, &entry.bytes, entry.mode))
    }

    fn stage_file(&self, path: &TreePath, bytes: &[u8], mode: FileMode) -> Result<(), FleetError> {
        let target = self.staged.path().join(path.as_str());
        write(&target, bytes, mode).map_err(|source| cannot_write(&target, source))
    }

    /// Puts all files into place, and removes those of earlier renders that are not
    /// among them. Comes back with how many there are.
    pub fn publish(self, selection: Selection) -> Result<usize, FleetError> {
        let root = conclude(ChangeSet::default(), Selection::All, None)?;
        for (path, change) in &root.changes {
            if let Change::Write { bytes, mode } = change {
                self.stage_file(path, bytes, *mode)?;
            }
        }
        for (cluster, inventory) in old_inventories(&self.directory)? {
            let own = Inventory::path(&cluster);
            if !self.has(&own) && selection == Selection::Some {
                continue;
            }
            for path in inventory.files.keys().chain([&own]) {
                if !self.has(path) {
                    remove(&self.directory, path)?;
                }
            }
        }
        self.put_in_place("")
    }

    fn has(&self, path: &TreePath) -> bool {
        self.staged.path().join(path.as_str()).exists()
    }

    fn put_in_place(&self, folder: &str) -> Result<usize, FleetError> {
        let from = self.staged.path().join(folder);
        let failed = |source| cannot_write(&from, source);
        let mut count = 0;
        for entry in fs::read_dir(&from).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            };
            if entry.file_type().map_err(failed)?.is_dir() {
                count += self.put_in_place(&path)?;
                continue;
            }
            let path = TreePath::new(path).expect("it was staged from one");
            let target = target(&self.directory, &path)?;
            let parent = target.parent().unwrap_or(&self.directory);
            fs::create_dir_all(parent)
                .and_then(|()| fs::rename(entry.path(), &target))
                .map_err(|source| cannot_write(&target, source))?;
            count += 1;
        }
        Ok(count)
    }
}

fn cannot_write(path: &Path, source: io::Error) -> FleetError {
    FleetError::Directory {
        path: path.to_owned(),
        source,
    }
}

/// What a render left that was killed.
fn remove_abandoned(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(STAGED) && entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

fn old_inventories(directory: &Path) -> Result<Vec<(ClusterName, Inventory)>, FleetError> {
    let folder = directory.join(Inventory::DIRECTORY);
    let Ok(entries) = fs::read_dir(&folder) else {
        return Ok(Vec::new());
    };
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    names.sort();
    names
        .into_iter()
        .map(|name| {
            let path = folder.join(&name);
            let bytes = fs::read(&path).map_err(|source| cannot_write(&path, source))?;
            let inventory = Inventory::parse(&format!("{}/{name}", Inventory::DIRECTORY), &bytes)?;
            Ok((inventory.cluster.clone(), inventory))
        })
        .collect()
}

/// The file of a path, none of whose directories may be a symbolic link: it
/// would lead out of the directory.
fn target(directory: &Path, path: &TreePath) -> Result<PathBuf, FleetError> {
    let mut target = directory.to_owned();
    for segment in path.segments() {
        target.push(segment);
        if fs::symlink_metadata(&target).is_ok_and(|found| found.is_symlink()) {
            return Err(FleetError::Symlink { path: target });
        }
    }
    Ok(target)
}

fn remove(directory: &Path, path: &TreePath) -> Result<(), FleetError> {
    let target = target(directory, path)?;
    match fs::remove_file(&target) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(cannot_write(&target, source))
        }
        _ => {
            let mut parent = path.parent();
            while let Some(folder) = parent {
                // Only an empty directory can be removed this way.
                if fs::remove_dir(directory.join(folder.as_str())).is_err() {
                    break;
                }
                parent = folder.parent();
            }
            Ok(())
        }
    }
}

fn write(target: &Path, bytes: &[u8], mode: FileMode) -> io::Result<()> {
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(target, bytes)?;
    let bits = match mode {
        FileMode::Regular => 0o644,
        FileMode::Executable => 0o755,
    };
    fs::set_permissions(target, fs::Permissions::from_mode(bits))
}
