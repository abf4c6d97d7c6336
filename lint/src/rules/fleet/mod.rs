//! What Flux makes of the objects, and what the cluster makes of several stacks'.

pub(super) mod contested_host;
pub(super) mod floating_version;
pub(super) mod prunable_network;
pub(super) mod substituted_text;
