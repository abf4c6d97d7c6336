//! Signatures as cosign has written them from the start: a "simple signing"
//! payload as a layer, its signature as the layer's annotation, all of an
//! artifact's under one tag that is made of its digest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::proof::{Form, Proof};
use super::{SigningKey, countable};
use crate::artifact::ImageConfig;
use crate::client::failed;
use crate::push::found;
use crate::session::Access;
use crate::{
    Blob, Client, Descriptor, Digest, Error, Manifest, Reference, Repository, Tag, Timestamp,
};

const PAYLOAD_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
const KIND: &str = "cosign container image signature";

#[derive(Serialize, Deserialize)]
struct Payload {
    critical: Critical,
    #[serde(default)]
    optional: serde_json::Value,
}

#[derive(Serialize, Deserialize)]
struct Critical {
    identity: Identity,
    image: Image,
    r#type: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Identity {
    docker_reference: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Image {
    docker_manifest_digest: Digest,
}

impl Client {
    /// Signs the artifact that has this digest. Signatures of others stay; one
    /// that is there already is not made again.
    pub fn sign(
        &self,
        repository: &Repository,
        subject: &Digest,
        key: &SigningKey,
    ) -> Result<(), Error> {
        let place = place(repository, subject);
        let signature = signature(repository, subject, key);
        let existing = found(self.manifest_for(&place, Access::Push))?;
        let mut layers = existing.map_or_else(Vec::new, |pulled| pulled.manifest.layers);
        if layers.contains(signature.descriptor()) {
            return Ok(());
        }
        layers.push(signature.descriptor().clone());
        let contents = layers.iter().map(|layer| layer.digest).collect();
        let config = Blob::new(CONFIG_TYPE, ImageConfig::of(Timestamp::EPOCH, contents));
        let manifest = Manifest::of(config.descriptor().clone(), layers, [].into());
        self.upload(repository, &[&signature, &config])
            .and_then(|()| self.put_manifest(repository, &place.query(), &manifest))
            .map_err(|error| failed("sign", &repository.pinned(*subject), error))
    }

    /// The signatures under the artifact's tag.
    pub(super) fn simple_signatures(
        &self,
        repository: &Repository,
        subject: &Digest,
    ) -> Result<Vec<Proof>, Error> {
        let Some(pulled) = found(self.manifest(&place(repository, subject)))? else {
            return Ok(Vec::new());
        };
        let mut layers = pulled.manifest.layers;
        layers.retain(|layer| layer.media_type == PAYLOAD_TYPE);
        countable(layers, &repository.pinned(*subject))?
            .iter()
            .map(|layer| Ok(proof(layer, &self.signature_blob(repository, layer)?)))
            .collect()
    }
}

fn place(repository: &Repository, subject: &Digest) -> Reference {
    let tag = format!("sha256-{}.sig", subject.hex());
    repository.tagged(tag.parse::<Tag>().expect("it is short and plain"))
}

fn signature(repository: &Repository, subject: &Digest, key: &SigningKey) -> Blob {
    let payload = Payload {
        critical: Critical {
            identity: Identity {
                docker_reference: repository.to_string(),
            },
            image: Image {
                docker_manifest_digest: *subject,
            },
            r#type: KIND.to_owned(),
        },
        optional: serde_json::Value::Null,
    };
    let payload = serde_json::to_vec(&payload).expect("a payload has text keys only");
    let signature = STANDARD.encode(key.sign(&payload));
    Blob::new(PAYLOAD_TYPE, payload).annotated(SIGNATURE, signature)
}

fn proof(layer: &Descriptor, payload: &[u8]) -> Proof {
    let signature = layer.annotations.get(SIGNATURE).cloned();
    let payload = STANDARD.encode(payload);
    Proof::new(Form::SimpleSigning, payload, signature.unwrap_or_default())
}

/// The artifact that a payload signs; none where it is something else.
pub(super) fn claims(payload: &[u8]) -> Vec<Digest> {
    match serde_json::from_slice::<Payload>(payload) {
        Ok(payload) if payload.critical.r#type == KIND => {
            vec![payload.critical.image.docker_manifest_digest]
        }
        _ => Vec::new(),
    }
}
