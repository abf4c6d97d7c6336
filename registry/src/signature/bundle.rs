//! Signatures as cosign 3 writes them: a Sigstore bundle, attached to the
//! artifact as a referrer. What is signed is an in-toto statement inside a DSSE
//! envelope. Transparency logs and certificates in it are not looked at: the
//! key that the user names is the only authority.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::countable;
use super::proof::{Form, Proof};
use crate::{Client, Digest, Error, Repository};

const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const STATEMENT_TYPE: &str = "application/vnd.in-toto+json";
/// Other statements about an artifact, such as a list of its parts, do not say
/// that it is to be trusted.
const SIGNATURE_PREDICATE: &str = "https://sigstore.dev/cosign/sign/v1";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    dsse_envelope: Envelope,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Deserialize)]
struct EnvelopeSignature {
    sig: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    predicate_type: String,
    subject: Vec<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    digest: BTreeMap<String, String>,
}

impl Client {
    /// The bundles that refer to the artifact.
    pub(super) fn bundled_signatures(
        &self,
        repository: &Repository,
        subject: &Digest,
    ) -> Result<Vec<Proof>, Error> {
        let artifact = repository.pinned(*subject);
        let mut referrers = self.referrers(repository, subject)?;
        let may_be_one = |kind: &str| kind == BUNDLE_TYPE;
        referrers.retain(|referrer| referrer.artifact_type.as_deref().is_none_or(may_be_one));
        let mut bundles = Vec::new();
        for referrer in countable(referrers, &artifact)? {
            let pulled = self.manifest(&repository.pinned(referrer.digest))?;
            bundles.extend(pulled.manifest.layers);
            bundles.retain(|layer| layer.media_type == BUNDLE_TYPE);
            bundles = countable(bundles, &artifact)?;
        }
        let mut found = Vec::new();
        for bundle in bundles {
            found.extend(proofs(&self.signature_blob(repository, &bundle)?));
        }
        Ok(found)
    }
}

/// None where this is a bundle of another kind.
fn proofs(bundle: &[u8]) -> Vec<Proof> {
    let Ok(bundle) = serde_json::from_slice::<Bundle>(bundle) else {
        return Vec::new();
    };
    let envelope = bundle.dsse_envelope;
    if envelope.payload_type != STATEMENT_TYPE {
        return Vec::new();
    }
    let signatures = envelope.signatures.into_iter();
    signatures
        .map(|signature| Proof::new(Form::Dsse, envelope.payload.clone(), signature.sig))
        .collect()
}

/// The artifacts that a statement signs; none where it says something else.
pub(super) fn claims(payload: &[u8]) -> Vec<Digest> {
    match serde_json::from_slice::<Statement>(payload) {
        Ok(statement) if statement.predicate_type == SIGNATURE_PREDICATE => {
            let digests = statement.subject.iter().filter_map(|subject| {
                let hex = subject.digest.get("sha256")?;
                format!("sha256:{hex}").parse().ok()
            });
            digests.collect()
        }
        _ => Vec::new(),
    }
}

/// What DSSE signs: type and payload, each with its length before it.
pub(super) fn signed_message(payload: &[u8]) -> Vec<u8> {
    let types = format!("DSSEv1 {} {STATEMENT_TYPE} ", STATEMENT_TYPE.len());
    let mut message = format!("{types}{} ", payload.len()).into_bytes();
    message.extend_from_slice(payload);
    message
}
