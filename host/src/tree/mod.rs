//! What a render gives: files at checked paths, before git sees them.
//!
//! Paths and bytes enter from the plan's renderings and from the host's own
//! Flux objects; an [`OutputTree`] leaves, for the checks and the commit. It
//! holds no path that any git client, checkout or file system could take for
//! another one, and two renders of the same input have the same bytes.

pub mod diff;
mod fold;
mod invisible;
mod mode;
mod output;
mod path;
mod places;
mod sha256;
pub mod yaml;

pub use mode::FileMode;
pub use output::{Blob, Collision, Entry, OutputTree};
pub use path::{SegmentFault, TreePath, TreePathError};
pub(crate) use sha256::FieldHasher;
pub use sha256::{Sha256, Sha256ParseError};
