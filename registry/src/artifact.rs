//! An artifact that is at hand, ready to be pushed.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Descriptor, Digest, Manifest, Timestamp};

/// Bytes of a part, with what is said about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// What a manifest says about the part; its digest is that of the bytes.
    descriptor: Descriptor,
    bytes: Vec<u8>,
}

impl Blob {
    pub(crate) fn new(media_type: &str, bytes: Vec<u8>) -> Self {
        let descriptor = Descriptor::of(media_type, &bytes);
        Self { descriptor, bytes }
    }

    pub(crate) fn annotated(mut self, key: &str, value: String) -> Self {
        self.descriptor.annotations.insert(key.to_owned(), value);
        self
    }

    /// What a manifest says about the part.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// An artifact of one layer: everything that ztgit publishes is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    config: Blob,
    layer: Blob,
    manifest: Manifest,
}

impl Artifact {
    pub(crate) fn new(config: Blob, layer: Blob, annotations: BTreeMap<String, String>) -> Self {
        let layers = vec![layer.descriptor.clone()];
        let manifest = Manifest::of(config.descriptor.clone(), layers, annotations);
        Self {
            config,
            layer,
            manifest,
        }
    }

    /// What names the artifact once it is pushed: its manifest's digest.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.manifest.to_bytes())
    }

    /// What is pushed last.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The content.
    pub fn layer(&self) -> &Blob {
        &self.layer
    }

    /// The parts, in the order in which they are pushed.
    pub(crate) fn blobs(&self) -> [&Blob; 2] {
        [&self.config, &self.layer]
    }
}

/// The config that container tools expect of any artifact. Some refuse one
/// whose list of layers is not as long as the manifest's.
#[derive(Serialize)]
pub(crate) struct ImageConfig {
    architecture: &'static str,
    os: &'static str,
    created: Timestamp,
    config: BTreeMap<String, String>,
    rootfs: RootFs,
}

#[derive(Serialize)]
struct RootFs {
    r#type: &'static str,
    diff_ids: Vec<Digest>,
}

impl ImageConfig {
    /// `contents` are the digests of the layers before compression.
    pub(crate) fn of(created: Timestamp, contents: Vec<Digest>) -> Vec<u8> {
        let rootfs = RootFs {
            r#type: "layers",
            diff_ids: contents,
        };
        let config = Self {
            architecture: "",
            os: "",
            created,
            config: BTreeMap::new(),
            rootfs,
        };
        serde_json::to_vec(&config).expect("a config has text keys only")
    }
}
