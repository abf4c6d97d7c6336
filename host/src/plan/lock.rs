//! `ztgit.lock`: which bytes third-party plugins are.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use ztgit_registry::{Digest, Proof, Reference};

use crate::name::PluginName;
use crate::stack::StackFiles;
use crate::stack::files::LOCK_FILE;
use crate::stack::schema::API_VERSION;
use crate::tree::Sha256;

/// Which third-party components a stack uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// By the plugin's name in the stack.
    pub plugins: BTreeMap<PluginName, LockedPlugin>,
}

/// A pinned component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LockedPlugin {
    /// From a file.
    File(LockedFile),
    /// From a registry.
    Artifact(LockedArtifact),
}

/// A pinned file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LockedFile {
    /// Where it was read from, as in the stack.
    pub path: String,
    /// sha256 of the component.
    pub digest: Sha256,
    /// The version of the WIT that it speaks.
    pub wit: String,
}

/// A pinned artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LockedArtifact {
    /// What the stack names.
    pub oci: Reference,
    /// Which artifact that was.
    pub manifest: Digest,
    /// sha256 of the component in it.
    pub digest: Sha256,
    /// Which version it says that it is, where that is one of semantic versioning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The version of the WIT that it speaks.
    pub wit: String,
    /// That it is signed, where the stack demands it: so that nobody has to ask
    /// the registry again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Proof>,
}

/// By the key that says where it is from, so that an error is about that kind of entry.
impl<'de> Deserialize<'de> for LockedPlugin {
    fn deserialize<D: Deserializer<'de>>(entry: D) -> Result<Self, D::Error> {
        let entry = serde_json::Value::deserialize(entry)?;
        if entry.get("oci").is_some() {
            serde_json::from_value(entry).map(Self::Artifact)
        } else {
            serde_json::from_value(entry).map(Self::File)
        }
        .map_err(D::Error::custom)
    }
}

impl LockedPlugin {
    /// sha256 of the component.
    pub fn digest(&self) -> Sha256 {
        match self {
            Self::File(file) => file.digest,
            Self::Artifact(artifact) => artifact.digest,
        }
    }
}

/// Why a lock cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Not what ztgit writes.
    #[error("ztgit.lock is not valid")]
    Syntax(#[source] serde_json::Error),
    /// Written by a newer ztgit.
    #[error("ztgit.lock is of `{0}`, this ztgit reads `{API_VERSION}`")]
    Version(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    api_version: String,
    kind: Kind,
    plugins: BTreeMap<PluginName, LockedPlugin>,
}

#[derive(Serialize, Deserialize)]
enum Kind {
    Lock,
}

impl Lock {
    /// The one among a stack's files; an empty one where there is none.
    pub fn of(files: &StackFiles) -> Result<Self, LockError> {
        let lock = files.get(LOCK_FILE).map(Self::parse).transpose()?;
        Ok(lock.unwrap_or_default())
    }

    /// From the bytes of `ztgit.lock`.
    pub fn parse(bytes: &[u8]) -> Result<Self, LockError> {
        let file: File = serde_json::from_slice(bytes).map_err(LockError::Syntax)?;
        if file.api_version != API_VERSION {
            return Err(LockError::Version(file.api_version));
        }
        Ok(Self {
            plugins: file.plugins,
        })
    }

    /// As the bytes of `ztgit.lock`.
    pub fn to_bytes(&self) -> Vec<u8> {
        let file = File {
            api_version: API_VERSION.to_owned(),
            kind: Kind::Lock,
            plugins: self.plugins.clone(),
        };
        let mut bytes = serde_json::to_vec_pretty(&file).expect("a lock is plain JSON");
        bytes.push(b'\n');
        bytes
    }
}
