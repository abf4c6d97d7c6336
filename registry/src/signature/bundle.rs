//! Signatures as cosign 3 writes them: a Sigstore bundle, attached to the
//! artifact as a referrer. What is signed is an in-toto statement inside a DSSE
//! envelope. Transparency logs and certificates in it are not looked at: the
//! key that the user names is the only authority.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::verify::{Candidate, Claim};
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
    ) -> Result<Vec<Candidate>, Error> {
        let mut candidates = Vec::new();
        for referrer in self.referrers(repository, subject)? {
            let others = |kind| kind != BUNDLE_TYPE;
            if referrer.artifact_type.as_deref().is_some_and(others) {
                continue;
            }
            let pulled = self.manifest(&repository.pinned(referrer.digest))?;
            for layer in &pulled.manifest.layers {
                if layer.media_type == BUNDLE_TYPE {
                    candidates.extend(candidate(&self.blob(repository, layer)?));
                }
            }
        }
        Ok(candidates)
    }
}

/// `None` where this is a bundle of another kind.
fn candidate(bundle: &[u8]) -> Option<Candidate> {
    let envelope = serde_json::from_slice::<Bundle>(bundle).ok()?.dsse_envelope;
    let payload = STANDARD.decode(&envelope.payload).ok()?;
    let signatures = envelope.signatures.iter();
    Some(Candidate {
        claim: claim(&envelope.payload_type, &payload),
        message: pre_authentication_encoding(&envelope.payload_type, &payload),
        signatures: signatures
            .filter_map(|signature| STANDARD.decode(&signature.sig).ok())
            .collect(),
    })
}

fn claim(payload_type: &str, payload: &[u8]) -> Claim {
    if payload_type != STATEMENT_TYPE {
        return Claim::SomethingElse;
    }
    match serde_json::from_slice::<Statement>(payload) {
        Ok(statement) if statement.predicate_type == SIGNATURE_PREDICATE => {
            let digests = statement.subject.iter().filter_map(|subject| {
                let hex = subject.digest.get("sha256")?;
                format!("sha256:{hex}").parse().ok()
            });
            Claim::Signature(digests.collect())
        }
        _ => Claim::SomethingElse,
    }
}

/// What DSSE signs: type and payload, each with its length before it.
fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let types = format!("DSSEv1 {} {payload_type} ", payload_type.len());
    let mut encoded = format!("{types}{} ", payload.len()).into_bytes();
    encoded.extend_from_slice(payload);
    encoded
}
