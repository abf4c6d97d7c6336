//! Drift in the fleet repository: a fresh render, what the inventories say, and what a
//! commit has. Each cluster is compared by itself, as it is rendered.

mod cluster;
mod finding;
mod unowned;

use std::collections::{BTreeMap, BTreeSet};

use crate::fleet::{FleetError, Inventory, Selection};
use crate::git::Snapshot;
use crate::name::ClusterName;

pub use cluster::cluster_drift;
pub use finding::{Finding, Reason, Status};

/// What was found.
#[derive(Debug, Default)]
pub struct GitDrift {
    /// Sorted by path, once all is there.
    pub findings: Vec<Finding>,
    /// How many managed files are as they should be.
    pub clean: usize,
}

impl GitDrift {
    /// Adds what was found elsewhere.
    pub fn merge(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.clean += other.clean;
    }

    /// Adds what is about no cluster of the stack: clusters that are gone, and the
    /// files at the root.
    pub fn conclude(
        mut self,
        rendered: &BTreeSet<ClusterName>,
        selection: Selection,
        inventories: &BTreeMap<ClusterName, Inventory>,
        snapshot: &Snapshot<'_>,
    ) -> Result<Self, FleetError> {
        if selection == Selection::All {
            for (name, inventory) in inventories {
                if !rendered.contains(name) {
                    self.merge(cluster::removed(name, inventory, snapshot)?);
                }
            }
            let known =
                |name: &ClusterName| inventories.contains_key(name) || rendered.contains(name);
            unowned::orphans(&known, snapshot, &mut self)?;
        }
        unowned::root_drift(snapshot, &mut self)?;
        self.findings.sort();
        Ok(self)
    }
}
