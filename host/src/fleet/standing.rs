//! Which clusters of a commit are exactly what a render gives, by the names of their
//! directories: nothing below them is read.

use std::collections::BTreeMap;

use super::blob_ids::BlobIds;
use super::changes::FleetError;
use super::inventory::Inventory;
use super::managed::cluster_prefixes;
use crate::git::{BlobId, Entries, Entry, EntryKind, Listed, Snapshot, TreeId, tree_ids};
use crate::name::ClusterName;
use crate::render::ClusterOutput;
use crate::tree::FileMode;

/// The names that git gives to a cluster's directories and to its inventory, where
/// nothing else is in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterIds {
    /// As [`cluster_prefixes`] lists them.
    pub directories: [Option<TreeId>; 3],
    /// The inventory.
    pub inventory: BlobId,
}

impl ClusterIds {
    /// Those of a render.
    pub fn of(output: &ClusterOutput, ids: &BlobIds) -> Result<Self, FleetError> {
        let cluster = &output.name;
        let own = Inventory::path(cluster);
        let inventory = ids.files(output).find(|(path, _, _)| **path == own);
        let (_, _, inventory) = inventory.expect("every cluster has an inventory");
        let files = ids
            .files(output)
            .map(|(path, entry, id)| (path, id, entry.mode));
        let prefixes = cluster_prefixes(cluster);
        let directories = tree_ids(files, prefixes.each_ref().map(String::as_str))?;
        Ok(Self {
            directories,
            inventory,
        })
    }
}

/// What a commit has of every cluster.
pub struct Standing {
    flux: BTreeMap<String, TreeId>,
    rendered: Entries,
    hosts: Entries,
    inventories: Entries,
}

impl Standing {
    /// That of a commit.
    pub fn of(snapshot: &Snapshot<'_>) -> Result<Self, FleetError> {
        let mut flux = BTreeMap::new();
        for (cluster, entry) in snapshot.entries("clusters")? {
            // Flux's own files and the user's stand beside ours.
            if let Entry::Directory(id) = entry
                && let Some(Entry::Directory(own)) = snapshot.entries_of(id)?.get("ztgit")
            {
                flux.insert(cluster, *own);
            }
        }
        Ok(Self {
            flux,
            rendered: snapshot.entries("rendered")?,
            hosts: snapshot.entries("hosts")?,
            inventories: snapshot.entries(Inventory::DIRECTORY)?,
        })
    }

    /// Whether a cluster is there, and nothing but what these are the names of.
    pub fn holds(&self, cluster: &ClusterName, ids: &ClusterIds) -> bool {
        let cluster = cluster.as_str();
        let directory = |entries: &Entries| match entries.get(cluster) {
            None => Some(None),
            Some(Entry::Directory(id)) => Some(Some(*id)),
            Some(Entry::Other(_)) => None,
        };
        let inventory = Entry::Other(Listed {
            id: ids.inventory,
            kind: EntryKind::File(FileMode::Regular),
        });
        let [flux, rendered, hosts] = ids.directories;
        self.flux.get(cluster).copied() == flux
            && directory(&self.rendered) == Some(rendered)
            && directory(&self.hosts) == Some(hosts)
            && self.inventories.get(&format!("{cluster}.json")) == Some(&inventory)
    }
}
