//! What is not as the stack wants it.
//!
//! Git: a fresh render against the blobs of a commit, and both against the
//! inventories. Clusters and hosts come with their own modules.

mod git;

pub use git::{Finding, GitDrift, Reason, Status, git_drift};
