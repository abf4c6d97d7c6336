//! What comes into force when.

pub(super) mod enforce_without_cni;
pub(super) mod premature_deny;
pub(super) mod unlabelled_namespace;
