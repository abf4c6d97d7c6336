//! A cluster's files as the artifact that Flux's `OCIRepository` reads.
//!
//! The media types and annotations are those of `flux push artifact`.

use std::collections::BTreeMap;

use crate::archive::{self, ArchiveError};
use crate::artifact::ImageConfig;
use crate::{Artifact, Blob, Timestamp};

/// The config's media type.
pub const CONFIG_TYPE: &str = "application/vnd.cncf.flux.config.v1+json";
/// The layer's media type.
pub const CONTENT_TYPE: &str = "application/vnd.cncf.flux.content.v1.tar+gzip";

/// Where the files come from. Flux shows it in an object's status and events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The repository's address.
    pub source: String,
    /// The commit, as `branch@sha1:…`.
    pub revision: String,
    /// The commit's time.
    pub created: Timestamp,
}

/// The artifact of these files, by their paths with `/`.
///
/// The same files make the same layer, whatever the commit; so
/// [`Replace::OnNewContent`](crate::Replace) leaves a cluster alone that a
/// commit does not concern.
pub fn artifact(
    files: &BTreeMap<String, Vec<u8>>,
    provenance: &Provenance,
) -> Result<Artifact, ArchiveError> {
    let packed = archive::pack(files)?;
    let config = ImageConfig::of(provenance.created, vec![packed.content]);
    let annotation = |key: &str, value: String| (format!("org.opencontainers.image.{key}"), value);
    let annotations = [
        annotation("created", provenance.created.to_string()),
        annotation("revision", provenance.revision.clone()),
        annotation("source", provenance.source.clone()),
    ];
    Ok(Artifact::new(
        Blob::new(CONFIG_TYPE, config),
        Blob::new(CONTENT_TYPE, packed.bytes),
        annotations.into(),
    ))
}
