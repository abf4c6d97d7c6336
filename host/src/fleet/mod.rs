//! The fleet repository's content: what ztgit owns in it, what a render
//! changes, and what it refuses to change.
//!
//! Only what an inventory owns is ever changed or removed; everything else in
//! the repository is the user's.

mod blob_ids;
mod changes;
mod cni_upgrade;
mod directory;
mod guards;
mod inventory;
mod isolation;
mod managed;
mod message;
mod provenance;
mod root_files;
mod slices;
mod standing;
mod steps;

pub use blob_ids::BlobIds;
pub use changes::{ChangeSet, FleetError, Selection, cluster_changes, conclude};
pub use directory::OutDirectory;
pub use guards::{Consent, Refused, check as check_guards, remarks};
pub use inventory::{Inventory, InventoryError, Owned};
pub use managed::{cluster_files, inventories, managed_paths};
pub use message::message;
pub use provenance::{Provenance, RenderedClusters, StackRevision, newest_render, rendered_alike};
pub use root_files::{
    ROOT_INVENTORY, RootFile, TornBlock, block_of, root_files, root_inventory, with_block,
};
pub use slices::{Outside, published_from, slice_message, slice_outside, slice_paths};
pub use standing::{ClusterIds, Standing};
pub use steps::Step;
