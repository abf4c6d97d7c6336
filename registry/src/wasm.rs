//! A WebAssembly component as the artifact that `wkg`, Spin and container
//! runtimes know: the CNCF's layout of wasm in OCI registries.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Artifact, Blob, Descriptor, Digest, Manifest, Timestamp};

/// The config's media type.
pub const CONFIG_TYPE: &str = "application/vnd.wasm.config.v0+json";
/// The layer's media type.
pub const LAYER_TYPE: &str = "application/wasm";
/// The annotation with the version of what an artifact has.
pub const VERSION_ANNOTATION: &str = "org.opencontainers.image.version";
/// What the layer is called where tools write it to a file; `oras` leaves one out that
/// has no name.
const TITLE_ANNOTATION: &str = "org.opencontainers.image.title";
const FILE: &str = "plugin.wasm";
/// What tools wrote before the layout was agreed on.
const LEGACY_LAYER_TYPE: &str = "application/vnd.wasm.content.layer.v1+wasm";

/// What a component needs and offers, by the names of its WIT interfaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Interfaces {
    /// What it exports.
    pub exports: Vec<String>,
    /// What it imports.
    pub imports: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    created: Timestamp,
    architecture: &'static str,
    os: &'static str,
    layer_digests: Vec<Digest>,
    component: Interfaces,
}

/// The artifact of a component. It has no time of its own: the same component
/// makes the same artifact.
pub fn artifact(
    component: Vec<u8>,
    interfaces: Interfaces,
    annotations: BTreeMap<String, String>,
) -> Artifact {
    let layer = Blob::new(LAYER_TYPE, component).annotated(TITLE_ANNOTATION, FILE.to_owned());
    let config = Config {
        created: Timestamp::EPOCH,
        architecture: "wasm",
        os: "wasip2",
        layer_digests: vec![layer.descriptor().digest],
        component: interfaces,
    };
    let config = serde_json::to_vec(&config).expect("a config has text keys only");
    Artifact::new(Blob::new(CONFIG_TYPE, config), layer, annotations)
}

/// The component's layer in a manifest; `None` where the artifact is something
/// else, or more than one component.
pub fn layer(manifest: &Manifest) -> Option<&Descriptor> {
    match manifest.layers.as_slice() {
        [layer] if [LAYER_TYPE, LEGACY_LAYER_TYPE].contains(&&*layer.media_type) => Some(layer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_component_makes_the_same_artifact_every_time() {
        let make = || artifact(b"\0asm".to_vec(), Interfaces::default(), BTreeMap::new());
        assert_eq!(make().digest(), make().digest());
    }

    #[test]
    fn the_layer_is_found_under_both_media_types() {
        let mut manifest = artifact(Vec::new(), Interfaces::default(), BTreeMap::new())
            .manifest()
            .clone();
        assert!(layer(&manifest).is_some());
        LEGACY_LAYER_TYPE.clone_into(&mut manifest.layers[0].media_type);
        assert!(layer(&manifest).is_some());
        "application/octet-stream".clone_into(&mut manifest.layers[0].media_type);
        assert!(layer(&manifest).is_none());
    }
}
