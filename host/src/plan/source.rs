//! Where the stack says that a plugin comes from.

use ztgit_registry::{KeyError, PublicKey, Reference, ReferenceError};

use crate::plugin::Wasi;
use crate::stack::schema::{GrantSpec, PluginSpec};

/// Where a plugin comes from that is not built in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, relative to the stack's directory.
    File(String),
    /// A registry.
    Artifact(Artifact),
}

/// An artifact, and who has to have signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Which one.
    pub reference: Reference,
    /// Whose signature it must carry.
    pub key: Option<PublicKey>,
}

/// Why a source means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// A file and an artifact.
    #[error("`path` and `oci` are two sources, and a plugin has one")]
    Two,
    /// A signature is demanded of what has none.
    #[error("`verify` is for components from a registry: this one has no `oci`")]
    NothingToVerify,
    /// Not a reference.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// Not a key.
    #[error("`verify.publicKey`: {0}")]
    Key(#[from] KeyError),
}

impl SourceError {
    /// The setting that is wrong.
    pub(super) fn setting(&self) -> &'static str {
        match self {
            Self::Two | Self::Reference(_) => "oci",
            Self::NothingToVerify | Self::Key(_) => "verify",
        }
    }
}

/// What a built-in plugin is told in vain, each with the reason.
pub(super) fn settings_in_vain(spec: &PluginSpec) -> Vec<(&'static str, &'static str)> {
    let mut settings = Vec::new();
    if spec.grants != GrantSpec::default() {
        settings.push(("grants", "it has what it asks for"));
    }
    if spec.wasi {
        settings.push(("wasi", "it imports nothing of it"));
    }
    settings
}

/// What of WASI the stack lets a plugin have.
pub fn consent_to_wasi(spec: &PluginSpec) -> Wasi {
    if spec.wasi {
        Wasi::Frozen
    } else {
        Wasi::Refused
    }
}

impl Source {
    /// From what the stack says; `None` is this binary.
    pub fn of(spec: &PluginSpec) -> Result<Option<Self>, SourceError> {
        match (&spec.path, &spec.oci) {
            (Some(_), Some(_)) => Err(SourceError::Two),
            (_, None) if spec.verify.is_some() => Err(SourceError::NothingToVerify),
            (Some(path), None) => Ok(Some(Self::File(path.clone()))),
            (None, None) => Ok(None),
            (None, Some(reference)) => {
                let key = spec.verify.as_ref();
                let key = key.map(|verify| PublicKey::from_pem(&verify.public_key));
                Ok(Some(Self::Artifact(Artifact {
                    reference: reference.parse()?,
                    key: key.transpose()?,
                })))
            }
        }
    }
}
