//! What is kept of a rendered cluster.

use serde::{Deserialize, Serialize};

use super::finding::{Finding, restored, stored};
use super::place::{Places, StoredSpan};
use crate::diagnostic::Diagnostics;
use crate::fleet::ClusterIds;
use crate::git::{BlobId, TreeId};
use crate::name::ClusterName;
use crate::stack::Seen;

/// A cluster without its files.
#[derive(Debug, Clone)]
pub struct ClusterRecord {
    /// Its name.
    pub name: ClusterName,
    /// What other clusters have to know of it.
    pub seen: Seen,
    /// The wave that it belongs to.
    pub wave: Option<String>,
    /// How many Kubernetes objects there are.
    pub objects: usize,
    /// How many host and client files there are.
    pub files: usize,
    /// What it is in a repository.
    pub ids: ClusterIds,
    /// What was found when it was loaded.
    pub loading: Diagnostics,
    /// What was found when it was planned.
    pub planning: Diagnostics,
    /// What was found in what was rendered.
    pub rendering: Diagnostics,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    name: ClusterName,
    said: String,
    key: StoredSpan,
    apps: Vec<String>,
    wave: Option<String>,
    objects: usize,
    files: usize,
    directories: [Option<TreeId>; 3],
    inventory: BlobId,
    loading: Vec<Finding>,
    planning: Vec<Finding>,
    rendering: Vec<Finding>,
}

impl ClusterRecord {
    /// None where a place cannot be kept.
    pub(super) fn to_bytes(&self, places: &Places<'_>) -> Option<Vec<u8>> {
        let stored = Stored {
            name: self.name.clone(),
            said: self.seen.name.clone(),
            key: places.stored(self.seen.key)?,
            apps: self.seen.apps.clone(),
            wave: self.wave.clone(),
            objects: self.objects,
            files: self.files,
            directories: self.ids.directories,
            inventory: self.ids.inventory,
            loading: stored(&self.loading, places)?,
            planning: stored(&self.planning, places)?,
            rendering: stored(&self.rendering, places)?,
        };
        Some(postcard::to_allocvec(&stored).expect("a record is plain data"))
    }

    pub(super) fn parse(bytes: &[u8], places: &Places<'_>) -> Option<Self> {
        let stored: Stored = postcard::from_bytes(bytes).ok()?;
        Some(Self {
            name: stored.name,
            seen: Seen {
                name: stored.said,
                key: places.restored(&stored.key)?,
                apps: stored.apps,
            },
            wave: stored.wave,
            objects: stored.objects,
            files: stored.files,
            ids: ClusterIds {
                directories: stored.directories,
                inventory: stored.inventory,
            },
            loading: restored(stored.loading, places)?,
            planning: restored(stored.planning, places)?,
            rendering: restored(stored.rendering, places)?,
        })
    }
}
