//! A render as a plain directory, without git.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::changes::{FleetError, Selection, changes};
use super::inventory::Inventory;
use crate::git::Change;
use crate::name::ClusterName;
use crate::render::ClusterOutput;
use crate::tree::{FileMode, TreePath};

/// Writes all files, and removes what an earlier render left that is not part
/// of this one. Comes back with the number of files.
pub fn write_directory(
    directory: &Path,
    outputs: &[ClusterOutput],
    selection: Selection,
) -> Result<usize, FleetError> {
    let failed = |path: &Path, source| FleetError::Directory {
        path: path.to_owned(),
        source,
    };
    fs::create_dir_all(directory).map_err(|source| failed(directory, source))?;
    require_ours(directory)?;
    let set = changes(outputs, Selection::All, None)?;
    for (cluster, inventory) in old_inventories(directory)? {
        let rendered = outputs.iter().find(|output| output.name == cluster);
        if rendered.is_none() && selection == Selection::Some {
            continue;
        }
        let stays = |path: &TreePath| {
            rendered.is_some_and(|output| output.inventory.files.contains_key(path))
        };
        let own = Inventory::path(&cluster);
        for path in inventory
            .files
            .keys()
            .chain(rendered.is_none().then_some(&own))
        {
            if !stays(path) {
                remove(directory, path)?;
            }
        }
    }
    let mut written = 0;
    for (path, change) in &set.changes {
        let Change::Write { bytes, mode } = change else {
            continue;
        };
        let target = target(directory, path)?;
        write(&target, bytes, *mode).map_err(|source| failed(&target, source))?;
        written += 1;
    }
    Ok(written)
}

/// A directory that has files but no inventory is somebody else's.
fn require_ours(directory: &Path) -> Result<(), FleetError> {
    let failed = |source| FleetError::Directory {
        path: directory.to_owned(),
        source,
    };
    let is_empty = fs::read_dir(directory).map_err(failed)?.next().is_none();
    if is_empty || directory.join(Inventory::DIRECTORY).is_dir() {
        return Ok(());
    }
    Err(FleetError::NotEmpty {
        path: directory.to_owned(),
    })
}

fn old_inventories(directory: &Path) -> Result<Vec<(ClusterName, Inventory)>, FleetError> {
    let folder = directory.join(Inventory::DIRECTORY);
    let Ok(entries) = fs::read_dir(&folder) else {
        return Ok(Vec::new());
    };
    let names: BTreeSet<String> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .collect();
    names
        .into_iter()
        .map(|name| {
            let path = folder.join(&name);
            let bytes = fs::read(&path).map_err(|source| FleetError::Directory {
                path: path.clone(),
                source,
            })?;
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
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(FleetError::Directory {
            path: target,
            source,
        }),
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
    let temporary = target.with_extension("ztgit-tmp");
    fs::write(&temporary, bytes)?;
    let bits = match mode {
        FileMode::Regular => 0o644,
        FileMode::Executable => 0o755,
    };
    fs::set_permissions(&temporary, fs::Permissions::from_mode(bits))?;
    fs::rename(&temporary, target)
}
