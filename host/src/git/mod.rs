//! Repositories: the fleet repository that is written, and the one that a stack
//! may lie in, which is only read.
//!
//! Changes to paths enter, a commit on a branch leaves; snapshots of commits are
//! read back. Nothing outside this module knows git2, and `push` and `fetch` run
//! the user's `git`, which has the credentials. What always holds: a branch moves
//! from the commit that the caller saw or not at all, everything that it then
//! points to is on disk, no uncommitted change of a work tree is lost, and no
//! hook or file-system monitor of the repository is run.

mod branch;
mod commit;
mod damage;
mod draft;
mod durability;
mod error;
mod history;
mod id;
mod journal;
mod lock;
mod object;
mod open;
mod pack;
mod pack_index;
mod paths;
mod program;
mod readers;
mod recovery;
mod repository;
mod resolve;
mod signature;
mod signing;
mod slice;
mod snapshot;
mod source;
mod subtree;
mod trees;
mod worktree;

#[cfg(test)]
mod tests;

pub use commit::{Change, Commit, Outcome};
pub use draft::Draft;
pub use error::{Error, Feature, Foreign};
pub use history::CommitDetails;
pub use id::{BlobId, CommitId, TreeId};
pub use lock::Patience;
pub use program::PushOutcome;
pub use readers::{Reader, Readers};
pub use recovery::Repair;
pub use repository::{FleetRepository, Opened};
pub use signature::{Identity, Signature};
pub use signing::{Signer, SigningError, SshKey};
pub use slice::{Slice, SliceCommit};
pub use snapshot::{Entries, Entry, EntryKind, Listed, Snapshot};
pub use source::SourceRepository;
pub use subtree::tree_ids;
