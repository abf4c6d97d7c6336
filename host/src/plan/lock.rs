//! `ztgit.lock`: the digests of third-party plugins.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::name::PluginName;
use crate::stack::schema::API_VERSION;
use crate::tree::Sha256;

/// Which third-party components a stack uses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// By the plugin's name in the stack.
    pub plugins: BTreeMap<PluginName, LockedPlugin>,
}

/// A pinned component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LockedPlugin {
    /// Where it was read from, as in the stack.
    pub path: String,
    /// sha256 of the component.
    pub digest: Sha256,
    /// The version of the WIT that it speaks.
    pub wit: String,
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
