//! What k3s does before Flux is there: it defines its own kinds and applies the
//! manifests that lie on its servers.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::api::{Apply, ObjectId};
use crate::cluster::Cluster;

const PROJECT: &str = "k3s";
const MANIFESTS: &str = "files/var/lib/rancher/k3s/server/manifests";

/// Starts a cluster with the manifests that ztgit rendered for its nodes, where
/// there are any: nodes of other distributions have none.
pub(crate) fn boot(cluster: &Cluster, hosts: &Path) {
    let manifests = manifests(hosts);
    if manifests.is_empty() {
        return;
    }
    cluster.install(PROJECT);
    for path in manifests {
        let text = fs::read_to_string(&path).expect("a rendered file is text");
        let objects: Vec<Value> = serde_saphyr::from_multiple(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for object in objects {
            let id = ObjectId::of(&object);
            let answer = cluster
                .api()
                .apply(&id, &object.to_string(), Apply::As(PROJECT));
            answer.unwrap_or_else(|error| panic!("{id}: {error}"));
        }
    }
}

fn manifests(hosts: &Path) -> Vec<PathBuf> {
    let nodes = entries(hosts);
    let mut manifests: Vec<PathBuf> = nodes
        .iter()
        .flat_map(|node| entries(&node.join(MANIFESTS)))
        .collect();
    manifests.sort();
    manifests
}

/// What a directory has; nothing where it is not there.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries
        .map(|entry| entry.expect("a directory can be listed").path())
        .collect()
}
