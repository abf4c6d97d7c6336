//! Where a node's folder comes from: a fleet repository, or a copy of the folder.

use std::fs;
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;
use ztgit_node::Source;

use crate::error::{CommandError, Exit};
use crate::git::{EntryKind, FleetRepository, Snapshot};

/// Which folder.
#[derive(Debug, clap::Args)]
pub(super) struct SourceOption {
    /// The fleet repository (its newest commit counts, not what is checked
    /// out), or a copy of the folder `hosts/CLUSTER/NODE`
    #[arg(long, value_name = "DIR", env = "ZTGIT_REPO", default_value = "fleet")]
    from: PathBuf,
    /// The branch of the fleet repository
    #[arg(long, value_name = "NAME", default_value = "main")]
    branch: String,
    /// The cluster; needed where the repository has several
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// The node; the machine's own name by default
    #[arg(long, value_name = "NAME")]
    node: Option<String>,
}

impl SourceOption {
    /// Reads and checks the folder.
    pub(super) fn read(&self, root: &Path) -> Result<Source, CommandError> {
        if self.from.join("manifest.json").is_file() {
            return Ok(Source::read(&self.from)?);
        }
        let repository = FleetRepository::open(&self.from, &self.branch).map_err(|error| {
            CommandError::from(error).hint(
                "name the fleet repository, or a copy of the node's folder, with `--from DIR`",
            )
        })?;
        let Some(tip) = repository.tip()? else {
            let message = format!("branch `{}` has no commit", self.branch);
            return Err(CommandError::new(Exit::Incomplete, message));
        };
        let snapshot = repository.snapshot(tip)?;
        let node = self.node(root)?;
        let folder = self.folder(&snapshot, &node)?;
        let copy = copy(&snapshot, &folder)?;
        let source = Source::read(copy.path())?;
        if format!("hosts/{}/{}", source.cluster, source.node) == folder {
            Ok(source)
        } else {
            let (cluster, node) = (&source.cluster, &source.node);
            let message = format!("{folder} holds the files of node {cluster}/{node}");
            Err(CommandError::new(Exit::Trust, message)
                .hint("run `ztgit verify` on the repository"))
        }
    }

    fn node(&self, root: &Path) -> Result<String, CommandError> {
        if let Some(node) = &self.node {
            return Ok(node.clone());
        }
        let path = root.join("etc/hostname");
        match fs::read_to_string(&path) {
            Ok(name) if !name.trim().is_empty() => Ok(name.trim().to_owned()),
            _ => {
                let message = format!("{} does not say which node this is", path.display());
                let error = CommandError::new(Exit::Usage, message);
                Err(error.hint("name it with `--node NAME`"))
            }
        }
    }

    /// The node's folder: of the named cluster, else of the only one that has
    /// such a node.
    fn folder(&self, snapshot: &Snapshot<'_>, node: &str) -> Result<String, CommandError> {
        let mut folders = Vec::new();
        let mut known = Vec::new();
        for path in snapshot.list("hosts")?.keys() {
            let Some(folder) = path.strip_suffix("/manifest.json") else {
                continue;
            };
            let ["hosts", cluster, name] = folder.split('/').collect::<Vec<_>>()[..] else {
                continue;
            };
            if self.cluster.as_ref().is_some_and(|it| it != cluster) {
                continue;
            }
            if name == node {
                folders.push(folder.to_owned());
            }
            known.push(name.to_owned());
        }
        match folders.len() {
            1 => Ok(folders.remove(0)),
            0 => {
                let message = format!("the fleet repository has no files for node `{node}`");
                let error = CommandError::new(Exit::Usage, message);
                let names = known.iter().map(String::as_str);
                Err(match crate::diagnostic::did_you_mean(node, names) {
                    Some(hint) => error.hint(hint).hint("say it with `--node NAME`"),
                    None => error.hint("render the stack first"),
                })
            }
            _ => {
                let message = format!("several clusters have a node `{node}`");
                Err(CommandError::new(Exit::Usage, message).hint("say which with `--cluster NAME`"))
            }
        }
    }
}

/// The folder as it is in the commit, in a directory of its own that goes when
/// it is dropped.
fn copy(snapshot: &Snapshot<'_>, folder: &str) -> Result<TempDir, CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::new(Exit::Incomplete, format!("cannot copy {folder}: {error}"))
    };
    let directory = TempDir::new().map_err(failed)?;
    for (path, listed) in snapshot.list(folder)? {
        let relative = path.strip_prefix(folder).unwrap_or(&path);
        let EntryKind::File(_) = listed.kind else {
            let message = format!("{path} is no regular file");
            return Err(CommandError::new(Exit::Trust, message));
        };
        let relative = relative.trim_start_matches('/');
        let Some(target) = below(directory.path(), relative) else {
            let message = format!("{path} leads out of the node's folder");
            return Err(CommandError::new(Exit::Trust, message));
        };
        let parent = target.parent().unwrap_or(directory.path());
        fs::create_dir_all(parent).map_err(failed)?;
        fs::write(&target, snapshot.read_blob(listed.id)?).map_err(failed)?;
    }
    Ok(directory)
}

/// Git hands out the names in a tree as they are, `..` among them.
fn below(directory: &Path, relative: &str) -> Option<PathBuf> {
    let mut parts = Path::new(relative).components();
    let is_below = parts.all(|part| matches!(part, Component::Normal(_)));
    is_below.then(|| directory.join(relative))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_in_a_tree_leads_out_of_the_copy() {
        let copy = Path::new("/copy");
        assert_eq!(
            below(copy, "files/etc/x"),
            Some(PathBuf::from("/copy/files/etc/x"))
        );
        for bad in ["..", "files/../../etc/cron.d/x", "/etc/cron.d/x"] {
            assert_eq!(below(copy, bad), None, "{bad}");
        }
    }
}
