//! `.ztgit/inventory/<cluster>.json`: what ztgit owns of a cluster.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::name::ClusterName;
use crate::stack::schema::API_VERSION;
use crate::tree::{FileMode, OutputTree, Sha256, TreePath};

/// The managed paths of a cluster, and the input that they were rendered from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// The cluster.
    pub cluster: ClusterName,
    /// sha256 of all that the stack said of the cluster.
    pub input: Sha256,
    /// Every managed path but the inventory's own.
    pub files: BTreeMap<TreePath, Owned>,
}

/// A managed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Owned {
    /// Of its bytes.
    pub sha256: Sha256,
    /// As git has it.
    #[serde(with = "mode")]
    pub mode: FileMode,
}

/// Why an inventory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// Not what ztgit writes.
    #[error("{path} is not a valid inventory")]
    Syntax {
        /// Its path.
        path: String,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
    /// Written by a newer ztgit.
    #[error("{path} is of `{found}`, this ztgit reads `{API_VERSION}`")]
    Version {
        /// Its path.
        path: String,
        /// What it says.
        found: String,
    },
    /// It speaks of another cluster than its name does.
    #[error("{path} is the inventory of cluster `{found}`")]
    Cluster {
        /// Its path.
        path: String,
        /// What it says.
        found: ClusterName,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct File {
    api_version: String,
    kind: Kind,
    cluster: ClusterName,
    input: Sha256,
    #[serde(deserialize_with = "each_once")]
    files: BTreeMap<TreePath, Owned>,
}

#[derive(Serialize, Deserialize)]
enum Kind {
    Inventory,
}

impl Inventory {
    /// The directory of all inventories.
    pub const DIRECTORY: &'static str = ".ztgit/inventory";

    /// Where a cluster's inventory is.
    pub fn path(cluster: &ClusterName) -> TreePath {
        TreePath::new(format!("{}/{cluster}.json", Self::DIRECTORY))
            .expect("a cluster's name fits a path")
    }

    /// The inventory of a rendered tree.
    pub fn of(cluster: &ClusterName, input: Sha256, tree: &OutputTree) -> Self {
        let files = tree
            .iter()
            .map(|(path, entry)| {
                (
                    path.clone(),
                    Owned {
                        sha256: Sha256::of(&entry.bytes),
                        mode: entry.mode,
                    },
                )
            })
            .collect();
        Self {
            cluster: cluster.clone(),
            input,
            files,
        }
    }

    /// Reads one that was committed at a path.
    pub fn parse(path: &str, bytes: &[u8]) -> Result<Self, InventoryError> {
        let file: File =
            serde_json::from_slice(bytes).map_err(|source| InventoryError::Syntax {
                path: path.to_owned(),
                source,
            })?;
        if file.api_version != API_VERSION {
            let path = path.to_owned();
            return Err(InventoryError::Version {
                path,
                found: file.api_version,
            });
        }
        if Self::path(&file.cluster).as_str() != path {
            let path = path.to_owned();
            return Err(InventoryError::Cluster {
                path,
                found: file.cluster,
            });
        }
        Ok(Self {
            cluster: file.cluster,
            input: file.input,
            files: file.files,
        })
    }

    /// As it is committed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let file = File {
            api_version: API_VERSION.to_owned(),
            kind: Kind::Inventory,
            cluster: self.cluster.clone(),
            input: self.input,
            files: self.files.clone(),
        };
        let mut bytes = serde_json::to_vec_pretty(&file).expect("an inventory is plain JSON");
        bytes.push(b'\n');
        bytes
    }
}

/// A map that names no path twice: which of the two counts would be a matter
/// of the reader.
fn each_once<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<TreePath, Owned>, D::Error> {
    struct EachOnce;

    impl<'de> Visitor<'de> for EachOnce {
        type Value = BTreeMap<TreePath, Owned>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map of paths")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut files = BTreeMap::new();
            while let Some((path, owned)) = map.next_entry::<TreePath, Owned>()? {
                if files.contains_key(&path) {
                    return Err(A::Error::custom(format_args!("{path} is there twice")));
                }
                files.insert(path, owned);
            }
            Ok(files)
        }
    }

    deserializer.deserialize_map(EachOnce)
}

/// File modes as git writes them.
mod mode {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::tree::FileMode;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(mode: &FileMode, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&format_args!("{:o}", mode.git()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<FileMode, D::Error> {
        let text = String::deserialize(d)?;
        u32::from_str_radix(&text, 8)
            .ok()
            .and_then(FileMode::from_git)
            .ok_or_else(|| D::Error::custom(format!("`{text}` is no mode of a file")))
    }
}
