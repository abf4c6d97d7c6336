//! Which parts of the fleet repository are ztgit's.

use std::collections::{BTreeMap, BTreeSet};

use super::changes::FleetError;
use super::inventory::Inventory;
use super::root_files::{ROOT_INVENTORY, root_files};
use crate::git::Snapshot;
use crate::name::ClusterName;
use crate::tree::TreePath;

/// The directories that belong to a cluster.
pub fn cluster_prefixes(cluster: &ClusterName) -> [String; 3] {
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
