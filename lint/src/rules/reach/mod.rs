//! Who reaches whom, all policies together.

pub(super) mod flux_closed;
pub(super) mod half_flow;
pub(super) mod metadata_open;
