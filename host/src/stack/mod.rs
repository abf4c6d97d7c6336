//! From the files of a stack to a [`Stack`]: parsed strictly, merged, every
//! reference checked, every value knowing the place that it came from.
//!
//! All independent problems are found in one run: what is invalid is set aside
//! and the rest looked at further, so a [`Stack`] comes back also where there
//! are errors. Nothing may be rendered from one of those.

mod ambiguous;
mod apps;
mod cluster;
pub mod files;
mod flows;
pub mod flux;
mod load;
mod manifests;
mod merge;
mod network;
mod node;
mod outline;
mod parse;
mod pieces;
mod resolve;
pub mod schema;
mod schemas;
mod services;
pub mod validate;

pub use files::{StackFiles, StackFilesError, stack_directory};
pub use load::{DeclaredPlugin, PluginConfig, Stack, StackCluster, Uses, load};
pub use manifests::HandWritten;
pub use node::{Field, Mapping, Node, NodeValue};
pub use outline::{Loaded, Outline, Part, Seen};
pub use pieces::Piece;
pub use schemas::document_schema;

use crate::diagnostic::{Diagnostics, Sources};

/// Parses a file as strictly as those of a stack. Nothing comes back where it
/// is no YAML; the diagnostics say why.
pub fn parse_file(
    sources: &mut Sources,
    name: &str,
    bytes: &[u8],
    diagnostics: &mut Diagnostics,
) -> Option<Node> {
    let file = sources.add(name, parse::source_text(bytes));
    parse::parse(sources, file, bytes, diagnostics)
}
