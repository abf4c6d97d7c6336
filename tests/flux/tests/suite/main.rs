//! What ztgit renders, applied by Flux. Every test starts a control plane of its
//! own: `tests/flux/run` builds what that takes and runs them all.

mod bootstrap;
mod changes;
mod drift;
mod drift_identity;
mod drift_load;
mod failures;
mod identity;
mod indexed_job;
mod plugins;
mod removal;
mod signatures;
mod slices;
mod stacks;
mod substitution;
mod waiting;
