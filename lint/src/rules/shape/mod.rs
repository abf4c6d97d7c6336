//! How a policy is put together.

pub(super) mod deny_isolates;
pub(super) mod mixed_rule;
pub(super) mod no_section;
pub(super) mod refused;
pub(super) mod removed_rule;
