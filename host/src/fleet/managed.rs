//! Which parts of the fleet repository are ztgit's.

use std::collections::{BTreeMap, BTreeSet};

use super::changes::FleetError;
use super::inventory::Inventory;
use super::root_files::{ROOT_INVENTORY, root_files};
use crate::git::{Listed, Snapshot};
use crate::name::ClusterName;
use crate::tree::TreePath;

/// The directories that belong to a cluster.
pub(super) fn cluster_prefixes(cluster: &ClusterName) -> [String; 3] {
    [
        format!("clusters/{cluster}/ztgit"),
        format!("rendered/{cluster}"),
        format!("hosts/{cluster}"),
    ]
}

/// Everything that belongs to these clusters, and the root files.
pub fn managed_paths<'a>(
    clusters: impl IntoIterator<Item = &'a ClusterName>,
) -> BTreeSet<TreePath> {
    let path = |text: &str| TreePath::new(text).expect("managed paths are valid");
    let mut paths: BTreeSet<TreePath> = clusters
        .into_iter()
        .flat_map(|cluster| {
            let mut paths: Vec<TreePath> = cluster_prefixes(cluster)
                .iter()
                .map(|prefix| path(prefix))
                .collect();
            paths.push(Inventory::path(cluster));
            paths
        })
        .collect();
    paths.extend(root_files().iter().map(|file| path(file.path)));
    paths.insert(path(ROOT_INVENTORY));
    paths
}

/// What a commit has of a cluster, its inventory with it.
pub fn cluster_files(
    cluster: &ClusterName,
    snapshot: &Snapshot<'_>,
) -> Result<BTreeMap<String, Listed>, FleetError> {
    let mut files = snapshot.list(Inventory::path(cluster).as_str())?;
    for prefix in cluster_prefixes(cluster) {
        files.extend(snapshot.list(&prefix)?);
    }
    Ok(files)
}

/// The inventories of a commit, by cluster.
pub fn inventories(
    snapshot: &Snapshot<'_>,
) -> Result<BTreeMap<ClusterName, Inventory>, FleetError> {
    let mut inventories = BTreeMap::new();
    for (path, listed) in snapshot.list(Inventory::DIRECTORY)? {
        let bytes = snapshot.read_blob(listed.id)?;
        let inventory = Inventory::parse(&path, &bytes)?;
        inventories.insert(inventory.cluster.clone(), inventory);
    }
    Ok(inventories)
}
