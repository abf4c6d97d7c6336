//! What a commit holds for a cluster: Flux's own objects, and the objects of
//! each unit that they name.
//!
//! Enters: a cluster and the revision that Flux applied there. Leaves: its
//! objects with their files, as each `kustomization.yaml` lists them. ztgit
//! writes plain lists of files with one object each; anything else in there
//! would be built by kustomize and is refused here instead of being guessed at.

use serde::Deserialize;
use serde_json::Value;
use ztgit_cluster::report::Reason;
use ztgit_cluster::{Desired, DesiredError, DesiredObject, Revision, UnitName};

use crate::error::chain;
use crate::git::{self, CommitId, FleetRepository, Snapshot};

/// The list in a unit's directory.
const LIST: &str = "kustomization.yaml";

/// Why the objects of a commit are not known.
#[derive(Debug, thiserror::Error)]
enum AppliedError {
    /// Flux is at a commit that is not here, or at something that is none.
    #[error(
        "{revision} is no commit of {repository}: bring it with `git fetch`, or with `--fetch`"
    )]
    NoCommit {
        /// What Flux calls it.
        revision: Revision,
        /// Where it was looked for.
        repository: String,
    },
    /// The unit's path has no list in it.
    #[error("{path} has no {LIST} in commit {commit}")]
    NoList {
        /// The unit's path.
        path: String,
        /// The commit.
        commit: CommitId,
    },
    /// A file is listed and not there.
    #[error("{list} lists `{resource}`, which is not a file of commit {commit}")]
    NoFile {
        /// The list.
        list: String,
        /// What it lists.
        resource: String,
        /// The commit.
        commit: CommitId,
    },
    /// A file is not what ztgit writes.
    #[error("{file} of commit {commit} is not what ztgit writes")]
    Content {
        /// The file.
        file: String,
        /// The commit.
        commit: CommitId,
        /// What is wrong.
        #[source]
        source: serde_saphyr::Error,
    },
    /// The repository cannot be read.
    #[error(transparent)]
    Git(#[from] git::Error),
}

/// What ztgit writes into the list, and nothing beside it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    #[serde(rename = "apiVersion")]
    _api_version: String,
    #[serde(rename = "kind")]
    _kind: String,
    resources: Vec<String>,
}

/// What the commit of a revision holds for a cluster, and whether the branch has
/// something newer.
pub fn applied(
    repository: &FleetRepository,
    cluster: &str,
    revision: &Revision,
) -> Result<Desired, DesiredError> {
    read(repository, cluster, revision).map_err(|error| DesiredError {
        reason: match error {
            AppliedError::NoCommit { .. } => Reason::CommitMissing,
            _ => Reason::CommitUnreadable,
        },
        message: chain(&error),
    })
}

fn read(
    repository: &FleetRepository,
    cluster: &str,
    revision: &Revision,
) -> Result<Desired, AppliedError> {
    let commit = revision
        .commit()
        .and_then(CommitId::parse)
        .filter(|commit| repository.has(*commit));
    let commit = commit.ok_or_else(|| AppliedError::NoCommit {
        revision: revision.clone(),
        repository: repository.path().display().to_string(),
    })?;
    let snapshot = repository.snapshot(commit)?;
    let folder = format!("clusters/{cluster}/ztgit");
    let units = listed(&snapshot, &folder)?;
    let mut desired = Desired {
        commit: commit.to_string(),
        newer: newer(repository, cluster, &snapshot)?,
        folder,
        ..Desired::default()
    };
    for unit in &units {
        let path = unit.object["spec"]["path"].as_str().unwrap_or_default();
        let directory = path.trim_start_matches("./").trim_matches('/');
        desired
            .objects
            .insert(unit_name(&unit.object), listed(&snapshot, directory)?);
    }
    desired.units = units;
    Ok(desired)
}

/// The branch's tip, where it holds something else for the cluster. What was
/// published of another cluster's commit is not behind, and neither is a cluster
/// that is ahead of the branch as it is here.
fn newer(
    repository: &FleetRepository,
    cluster: &str,
    applied: &Snapshot<'_>,
) -> Result<Option<String>, AppliedError> {
    let Some(tip) = repository.tip()? else {
        return Ok(None);
    };
    if repository.is_ancestor(tip, applied.commit())? {
        return Ok(None);
    }
    let newest = repository.snapshot(tip)?;
    for folder in [
        format!("clusters/{cluster}/ztgit"),
        format!("rendered/{cluster}"),
    ] {
        if !applied.has_same(&newest, &folder)? {
            return Ok(Some(tip.to_string()));
        }
    }
    Ok(None)
}

fn unit_name(unit: &Value) -> UnitName {
    let text = |name: &str| {
        unit["metadata"][name]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    UnitName {
        namespace: text("namespace"),
        name: text("name"),
    }
}

/// The objects that the list of a directory names.
fn listed(snapshot: &Snapshot<'_>, directory: &str) -> Result<Vec<DesiredObject>, AppliedError> {
    let commit = snapshot.commit();
    let list = format!("{directory}/{LIST}");
    let bytes = snapshot.read(&list)?.ok_or_else(|| AppliedError::NoList {
        path: directory.to_owned(),
        commit,
    })?;
    let resources = parse::<List>(&bytes, &list, commit)?.resources;
    resources
        .iter()
        .map(|resource| object(snapshot, directory, resource))
        .collect()
}

fn object(
    snapshot: &Snapshot<'_>,
    directory: &str,
    resource: &str,
) -> Result<DesiredObject, AppliedError> {
    let commit = snapshot.commit();
    let file = format!("{directory}/{resource}");
    let bytes = snapshot.read(&file)?.ok_or_else(|| AppliedError::NoFile {
        list: format!("{directory}/{LIST}"),
        resource: resource.to_owned(),
        commit,
    })?;
    let object = parse(&bytes, &file, commit)?;
    Ok(DesiredObject { file, object })
}

fn parse<T: for<'de> Deserialize<'de>>(
    bytes: &[u8],
    file: &str,
    commit: CommitId,
) -> Result<T, AppliedError> {
    // An error that shows lines of the file could show a Secret's.
    let options = serde_saphyr::options! { with_snippet: false };
    let parsed = serde_saphyr::from_slice_with_options(bytes, options);
    parsed.map_err(|source| AppliedError::Content {
        file: file.to_owned(),
        commit,
        source,
    })
}

#[cfg(test)]
mod tests;
