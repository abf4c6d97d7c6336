//! What selectors select.

pub(super) mod foreign_namespace;
pub(super) mod peer_elsewhere;
pub(super) mod selects_nothing;
pub(super) mod unknown_label;
