//! Clusters that need not be rendered, because nothing that they depend on has
//! changed since an earlier run.
//!
//! Enters: the files of a stack, the plugins, this program. Leaves: for each cluster
//! a key over exactly what it is made of, and the [`ClusterRecord`] that an earlier run
//! kept under it. A record names the directories and the inventory that a render gives;
//! a commit that has other ones there was changed by somebody, and the cluster is
//! rendered and compared file by file. So what is known of a cluster comes from outside
//! the repository, and nothing in it is believed.
//!
//! Which profiles and files a cluster uses is known once it was loaded, so that is kept
//! too, under a key over its own text and what all clusters have in common. Where apps
//! are placed is in common, because any cluster may gain or lose one; what they bring
//! counts for the clusters that have them.

mod finding;
mod place;
mod record;

use crate::cache::Store;
use crate::plan::Plugins;
use crate::stack::files::STACK_FILE;
use crate::stack::{Outline, Part, Piece, StackFiles, Uses};
use crate::tree::{FieldHasher, Sha256};

use place::Places;
pub use record::ClusterRecord;

/// Changes with the meaning of keys and records.
const FORMAT: &[u8] = b"cluster 3";

/// What earlier runs know of the clusters of a stack.
pub struct Reuse<'s> {
    store: &'s Store,
    files: &'s StackFiles,
    places: Places<'s>,
    common: Sha256,
}

impl<'s> Reuse<'s> {
    /// `program` tells this build of ztgit from every other one.
    pub fn new(
        store: &'s Store,
        program: &str,
        outline: &'s Outline,
        files: &'s StackFiles,
        plugins: &Plugins<'_>,
    ) -> Self {
        let mut hasher = FieldHasher::default();
        hasher.field(FORMAT);
        hasher.field(program.as_bytes());
        for plugin in plugins.iter() {
            hasher.field(plugin.name().as_str().as_bytes());
            hasher.field(plugin.digest().as_bytes());
        }
        for (piece, span) in outline.pieces() {
            if matches!(piece, Piece::Common(_)) {
                hasher.field(outline.sources.slice(span).as_bytes());
            }
        }
        for (path, name, placement) in outline.apps() {
            hasher.field(b"app");
            hasher.field(path.as_bytes());
            hasher.field(name.as_bytes());
            hasher.field(placement.to_string().as_bytes());
        }
        for (path, bytes) in files.iter().filter(|(path, _)| is_common(path)) {
            hasher.field(path.as_bytes());
            hasher.field(bytes);
        }
        Self {
            store,
            files,
            places: Places::of(outline),
            common: hasher.finish(),
        }
    }

    /// What is known of a part of a stack.
    pub fn record(&self, part: &Part) -> Option<ClusterRecord> {
        let own = self.own(part)?;
        let uses = postcard::from_bytes(&self.store.get(&own)?).ok()?;
        let bytes = self.store.get(&self.whole(own, &uses)?)?;
        ClusterRecord::parse(&bytes, &self.places)
    }

    /// Keeps what is known of a cluster now.
    pub fn keep(&self, part: &Part, uses: &Uses, record: &ClusterRecord) {
        let kept = self.own(part).and_then(|own| {
            let whole = self.whole(own, uses)?;
            Some((own, whole, record.to_bytes(&self.places)?))
        });
        if let Some((own, whole, record)) = kept {
            let uses = postcard::to_allocvec(uses).expect("names are plain data");
            self.store.put(own, &uses);
            self.store.put(whole, &record);
        }
    }

    /// Over what a cluster does not share, and what all share.
    fn own(&self, part: &Part) -> Option<Sha256> {
        let mut hasher = FieldHasher::default();
        hasher.field(self.common.as_bytes());
        match part {
            Part::Inline(name) => {
                hasher.field(name.as_bytes());
                let piece = Piece::Cluster(name.clone());
                hasher.field(self.places.text(&piece)?.as_bytes());
            }
            Part::File(path) => {
                hasher.field(path.as_bytes());
                hasher.field(self.files.get(path)?);
            }
        }
        Some(hasher.finish())
    }

    /// Over that and what it uses; nothing where some of that is not there.
    fn whole(&self, own: Sha256, uses: &Uses) -> Option<Sha256> {
        let mut hasher = FieldHasher::default();
        hasher.field(own.as_bytes());
        for name in &uses.profiles {
            let text = self.places.text(&Piece::Profile(name.clone()))?;
            hasher.field(b"profile");
            hasher.field(name.as_bytes());
            hasher.field(text.as_bytes());
        }
        for (kind, paths) in [("manifest", &uses.manifests), ("app", &uses.apps)] {
            for path in paths {
                hasher.field(kind.as_bytes());
                hasher.field(path.as_bytes());
                hasher.field(self.files.get(path)?);
            }
        }
        Some(hasher.finish())
    }
}

/// Whether all clusters depend on a file as a whole.
fn is_common(path: &str) -> bool {
    let of_some = ["apps/", "clusters/", "manifests/"];
    path != STACK_FILE && !of_some.iter().any(|folder| path.starts_with(folder))
}
