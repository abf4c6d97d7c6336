//! Keys that sign artifacts in registries.

use std::fs;
use std::path::Path;

use ztgit_registry::{KeyError, SigningKey};

use crate::context::{Context, Password};
use crate::error::{CommandError, Exit};

/// The key in a file of cosign's, opened by the environment's password.
pub(super) fn signing_key(context: &Context, path: &Path) -> Result<SigningKey, CommandError> {
    let failed = |exit, reason: String| {
        let message = format!("cannot sign with {}: {reason}", path.display());
        CommandError::new(exit, message)
    };
    let text =
        fs::read_to_string(path).map_err(|error| failed(Exit::Incomplete, error.to_string()))?;
    let password = context.environment.key_password.as_ref();
    let password = password.map(|Password(password)| password.as_slice());
    SigningKey::from_pem(&text, password).map_err(|error| {
        let refused = failed(Exit::Usage, error.to_string());
        refused.hint(match error {
            KeyError::NoPassword => "put the password into `COSIGN_PASSWORD`",
            _ => "artifacts are signed with a `cosign.key`; `cosign generate-key-pair` makes one",
        })
    })
}
