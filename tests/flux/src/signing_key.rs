//! SSH keys that sign commits.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::state::state_directory;

/// A key made for one test.
pub struct SigningKey {
    directory: TempDir,
}

impl SigningKey {
    /// A new one.
    pub fn generate() -> Self {
        let key = Self {
            directory: state_directory(),
        };
        let output = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"])
            .arg(key.private())
            .output()
            .unwrap_or_else(|error| panic!("ssh-keygen (of openssh-client): {error}"));
        assert!(output.status.success(), "ssh-keygen: {output:?}");
        key
    }

    /// Where the private half is.
    pub fn private(&self) -> PathBuf {
        self.directory.path().join("key")
    }

    /// The public half, as `*.pub` files have it.
    pub fn public(&self) -> String {
        fs::read_to_string(self.private().with_extension("pub")).expect("both halves were made")
    }
}
