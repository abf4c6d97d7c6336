//! What of the fleet repository one cluster needs, and where that is published.
//!
//! A slice is what Flux in the cluster reads: `clusters/<cluster>`, the user's own
//! files there with ztgit's, and `rendered/<cluster>`. Files of hosts and ztgit's
//! books are not for Flux, and what all clusters share would let each of them
//! reconcile at every change of it; so that is in a slice only where it is asked
//! for.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::git::{self, CommitId, Snapshot};
use crate::name::ClusterName;
use crate::tree::TreePath;

const SOURCE: &str = "Ztgit-Fleet-Commit";
const CLUSTER: &str = "Ztgit-Cluster";

/// The paths of a cluster's slice, with what else was asked for.
pub fn slice_paths(cluster: &ClusterName, shared: &[TreePath]) -> BTreeSet<TreePath> {
    let own = ["clusters", "rendered"].map(|folder| {
        TreePath::new(format!("{folder}/{cluster}")).expect("a cluster's name fits a path")
    });
    own.into_iter().chain(shared.iter().cloned()).collect()
}

/// The message of a slice's commit, with the commit that it was taken from.
pub fn slice_message(cluster: &ClusterName, source: CommitId, branch: &str) -> String {
    let short = &source.to_string()[..12];
    format!(
        "Publish cluster {cluster} from {branch} at {short}\n\n{SOURCE}: {source}\n{CLUSTER}: {cluster}\n"
    )
}

/// The commit that a slice was taken from, by its message.
pub fn published_from(message: &str) -> Option<CommitId> {
    let last = message.trim_end().rsplit("\n\n").next()?;
    let mut lines = last.lines().filter_map(|line| line.split_once(": "));
    let (_, commit) = lines.find(|(key, _)| *key == SOURCE)?;
    CommitId::parse(commit)
}

/// A Kustomization of the user's that applies what a slice does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// The file that it stands in.
    pub file: String,
    /// What it applies.
    pub path: String,
}

/// What the cluster's Kustomizations apply from the same source, and the slice
/// does not have. Files that cannot be read as YAML are Flux's to judge.
pub fn slice_outside(
    snapshot: &Snapshot<'_>,
    cluster: &ClusterName,
    paths: &BTreeSet<TreePath>,
) -> Result<Vec<Outside>, git::Error> {
    let folder = format!("clusters/{cluster}");
    let own = format!("{folder}/ztgit/");
    let mut kustomizations = Vec::new();
    for (file, listed) in snapshot.list(&folder)? {
        let is_yaml = [".yaml", ".yml"].iter().any(|end| file.ends_with(end));
        if is_yaml && matches!(listed.kind, git::EntryKind::File(_)) {
            let bytes = snapshot.read_blob(listed.id)?;
            let found = kustomizations_of(&bytes).into_iter();
            kustomizations.extend(found.map(|object| (file.clone(), object)));
        }
    }
    // ztgit's own name the source; there is no cluster without one of them.
    let is_own = |(file, _): &&(String, Value)| file.starts_with(&own);
    let source = kustomizations.iter().find(is_own);
    let source = source.map(|(_, object)| object["spec"]["sourceRef"].clone());
    let is_outside = |path: &str| {
        !paths.iter().any(|inside| {
            let rest = path.strip_prefix(inside.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    };
    let outside = kustomizations.into_iter().filter_map(|(file, object)| {
        let spec = &object["spec"];
        let is_same = ["kind", "name"].iter().all(|key| {
            source
                .as_ref()
                .is_none_or(|of| of[key] == spec["sourceRef"][key])
        });
        let path = normal(spec["path"].as_str().unwrap_or_default());
        (is_same && is_outside(&path)).then_some(Outside { file, path })
    });
    Ok(outside.collect())
}

fn kustomizations_of(bytes: &[u8]) -> Vec<Value> {
    const GROUP: &str = "kustomize.toolkit.fluxcd.io/";
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    if !text.contains(GROUP) {
        return Vec::new();
    }
    let mut objects: Vec<Value> = serde_saphyr::from_multiple(text).unwrap_or_default();
    objects.retain(|object| {
        let api_version = object["apiVersion"].as_str().unwrap_or_default();
        api_version.starts_with(GROUP) && object["kind"] == "Kustomization"
    });
    objects
}

/// A path from the root without `./` and slashes around it.
fn normal(path: &str) -> String {
    let segments = path.split('/').filter(|name| !matches!(*name, "" | "."));
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_says_where_a_slice_comes_from() {
        let cluster = ClusterName::new("east").unwrap();
        let commit = CommitId::parse(&"ab".repeat(20)).unwrap();
        let message = slice_message(&cluster, commit, "main");
        assert_eq!(published_from(&message), Some(commit));
        assert_eq!(published_from("Revert something\n"), None);
    }

    #[test]
    fn paths_are_compared_without_their_ornaments() {
        assert_eq!(normal("./clusters//east/"), "clusters/east");
        assert_eq!(normal("./"), "");
    }
}
