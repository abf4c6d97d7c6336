//! What is not as the stack wants it.
//!
//! Git: a fresh render against the blobs of a commit, and both against the
//! inventories. Clusters: what a commit holds for the crate `ztgit-cluster` to
//! compare, and how the clusters are reached. Hosts are the crate `ztgit-node`.

mod applied;
mod contexts;
mod git;

pub use applied::applied;
pub use contexts::{Contexts, ContextsError};
pub use git::{Finding, GitDrift, Reason, Status, cluster_drift};
