//! The names that git gives to the contents of a rendered cluster. They are asked for
//! more than once, and finding them out costs as much as compressing the contents.

use super::changes::FleetError;
use crate::git::BlobId;
use crate::render::ClusterOutput;
use crate::tree::{Entry, TreePath};

/// One for each file, in the order of the output's tree.
pub struct BlobIds(Vec<BlobId>);

impl BlobIds {
    /// Those of a render.
    pub fn of(output: &ClusterOutput) -> Result<Self, FleetError> {
        let files = output.tree.iter();
        let ids = files
            .map(|(_, entry)| BlobId::of(&entry.bytes))
            .collect::<Result<_, _>>()?;
        Ok(Self(ids))
    }

    /// The files of that render, each with its name.
    pub fn files<'o>(
        &self,
        output: &'o ClusterOutput,
    ) -> impl Iterator<Item = (&'o TreePath, &'o Entry, BlobId)> {
        let files = output.tree.iter().zip(&self.0);
        files.map(|((path, entry), id)| (path, entry, *id))
    }
}
