//! Where a component is from, who vouches for it, and what a stack lets it do: all
//! that it does not say itself.

use std::path::Path;

use serde_json::{Value, json};
use ztgit_registry::{Digest, PublicKey};

use super::grant;
use crate::plan::{LockedPlugin, Source};
use crate::stack::schema::{GrantSpec, PluginSpec};

/// What is known of a component besides its description.
pub(super) struct Provenance {
    from: String,
    artifact: Option<Artifact>,
    /// Nothing where no stack has a say.
    granted: Option<GrantSpec>,
}

/// What was found in a registry.
struct Artifact {
    manifest: Digest,
    /// The key that the stack demands a signature by, which was verified.
    signer: Option<PublicKey>,
}

impl Provenance {
    pub(super) fn built_in() -> Self {
        Self::elsewhere(format!("ztgit {}", env!("CARGO_PKG_VERSION")))
    }

    pub(super) fn file(path: &Path) -> Self {
        Self::elsewhere(path.display().to_string())
    }

    fn elsewhere(from: String) -> Self {
        Self {
            from,
            artifact: None,
            granted: None,
        }
    }

    /// Of a plugin that a stack has pinned, and verified where it demands that.
    pub(super) fn pinned(directory: &Path, spec: &PluginSpec, locked: &LockedPlugin) -> Self {
        let granted = Some(spec.grants.clone());
        match locked {
            LockedPlugin::File(file) => Self {
                granted,
                ..Self::file(&directory.join(&file.path))
            },
            LockedPlugin::Artifact(locked) => {
                let signer = match Source::of(spec) {
                    Ok(Some(Source::Artifact(artifact))) => artifact.key,
                    _ => None,
                };
                Self {
                    from: locked.oci.pinned(locked.manifest).to_string(),
                    artifact: Some(Artifact {
                        manifest: locked.manifest,
                        signer,
                    }),
                    granted,
                }
            }
        }
    }

    /// For people: what it is and its value.
    pub(super) fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("from", self.from.clone())];
        if let Some(artifact) = &self.artifact {
            let signer = match &artifact.signer {
                Some(key) => format!("the key {}", key.digest()),
                None => "nobody that the stack demands".to_owned(),
            };
            lines.push(("signed by", signer));
        }
        lines
    }

    /// For people: what the stack grants.
    pub(super) fn grants(&self) -> Vec<String> {
        match self.granted.as_ref().map(grant::lines) {
            Some(lines) if lines.is_empty() => vec!["nothing".to_owned()],
            Some(lines) => lines,
            None => Vec::new(),
        }
    }

    /// Puts it into the report about the plugin.
    pub(super) fn add_to(&self, report: &mut Value) {
        let artifact = self.artifact.as_ref();
        let signer = artifact.and_then(|artifact| artifact.signer.as_ref());
        report["from"] = json!(self.from);
        report["manifest"] = json!(artifact.map(|artifact| artifact.manifest));
        report["signedBy"] = json!(signer.map(PublicKey::digest));
        report["granted"] = json!(self.granted.as_ref().map(grant::to_json));
    }
}
