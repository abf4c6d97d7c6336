//! Who commits.

use crate::context::Context;
use crate::error::CommandError;
use crate::git::{FleetRepository, Identity};

/// Whom git knows as the user; ztgit itself where it knows nobody.
pub(super) fn identity(
    context: &Context,
    repository: &FleetRepository,
) -> Result<Identity, CommandError> {
    Ok(repository.identity()?.unwrap_or_else(|| {
        context
            .ui
            .note("git has no user.name and user.email: commits are made as ztgit");
        Identity {
            name: "ztgit".to_owned(),
            email: "ztgit@localhost".to_owned(),
        }
    }))
}
