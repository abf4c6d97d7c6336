//! Clusters that need not be rendered, because nothing that they depend on has
//! changed since an earlier run.
//!
//! Enters: the files of a stack, the plugins, this program. Leaves: for each cluster
//! a key over exactly that, and the [`ClusterRecord`] that an earlier run kept under
//! it. A record names the directories and the inventory that a render gives; a commit
//! that has other ones there was changed by somebody, and the cluster is rendered and
//! compared file by file. So what is known of a cluster comes from outside the
//! repository, and nothing in it is believed.

mod finding;
mod record;

use crate::cache::Store;
use crate::plan::Plugins;
use crate::stack::{Outline, Part, StackFiles};
use crate::tree::{FieldHasher, Sha256};

pub use record::ClusterRecord;

/// Changes with the meaning of keys and records.
const FORMAT: &[u8] = b"cluster 1";

/// What earlier runs know of the clusters of a stack.
pub struct Reuse<'c> {
    store: &'c Store,
    shared: Sha256,
}

impl<'c> Reuse<'c> {
    /// `program` tells this build of ztgit from every other one.
    pub fn new(store: &'c Store, program: &str, files: &StackFiles, plugins: &Plugins<'_>) -> Self {
        let mut hasher = FieldHasher::default();
        hasher.field(FORMAT);
        hasher.field(program.as_bytes());
        for plugin in plugins.iter() {
            hasher.field(plugin.name().as_str().as_bytes());
            hasher.field(plugin.digest().as_bytes());
        }
        for (path, bytes) in files.iter().filter(|(path, _)| is_shared(path)) {
            hasher.field(path.as_bytes());
            hasher.field(bytes);
        }
        Self {
            store,
            shared: hasher.finish(),
        }
    }

    /// What is known of a part of a stack.
    pub fn record(
        &self,
        part: &Part,
        outline: &Outline,
        files: &StackFiles,
    ) -> Option<ClusterRecord> {
        let bytes = self.store.get(&self.key(part, files))?;
        ClusterRecord::parse(&bytes, outline)
    }

    /// Keeps what is known of a cluster now.
    pub fn keep(&self, part: &Part, files: &StackFiles, outline: &Outline, record: &ClusterRecord) {
        self.store
            .put(self.key(part, files), &record.to_bytes(outline));
    }

    fn key(&self, part: &Part, files: &StackFiles) -> Sha256 {
        let mut hasher = FieldHasher::default();
        hasher.field(self.shared.as_bytes());
        match part {
            Part::Inline(name) => hasher.field(name.as_bytes()),
            Part::File(path) => {
                hasher.field(path.as_bytes());
                hasher.field(files.get(path).unwrap_or_default());
            }
        }
        hasher.finish()
    }
}

/// Whether all clusters depend on a file.
fn is_shared(path: &str) -> bool {
    !path.starts_with("clusters/")
}
