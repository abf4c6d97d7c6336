//! Whether an artifact is signed with a key. Everything short of a signature of
//! this artifact by this key is an error.

use super::{PublicKey, SignatureError};
use crate::{Client, Digest, Error, Reference, TrustError};

/// Something that may be a signature of the artifact that it was found at.
pub(super) struct Candidate {
    /// What is signed.
    pub(super) message: Vec<u8>,
    /// By whom, is what they tell.
    pub(super) signatures: Vec<Vec<u8>>,
    /// What the message says.
    pub(super) claim: Claim,
}

pub(super) enum Claim {
    /// That these artifacts are signed.
    Signature(Vec<Digest>),
    SomethingElse,
}

impl Client {
    /// Verifies that the artifact with this digest is signed with the key.
    pub fn verify(
        &self,
        artifact: &Reference,
        subject: &Digest,
        key: &PublicKey,
    ) -> Result<(), Error> {
        let repository = artifact.repository();
        let simple = self.simple_signatures(repository, subject)?;
        if judge(artifact, subject, key, &simple).is_ok() {
            return Ok(());
        }
        let mut all = self.bundled_signatures(repository, subject)?;
        all.extend(simple);
        let verdict = judge(artifact, subject, key, &all);
        verdict.map_err(|error| TrustError::Signature(error).into())
    }
}

fn judge(
    artifact: &Reference,
    subject: &Digest,
    key: &PublicKey,
    candidates: &[Candidate],
) -> Result<(), SignatureError> {
    let mut ours = candidates.iter().filter_map(|candidate| {
        let mut signatures = candidate.signatures.iter();
        let signed = signatures.any(|signature| key.signed(&candidate.message, signature));
        match &candidate.claim {
            Claim::Signature(digests) if signed => Some(digests),
            _ => None,
        }
    });
    let mut other = None;
    if ours.any(|digests| {
        other = other.or(digests.first());
        digests.contains(subject)
    }) {
        return Ok(());
    }
    let at = artifact.clone();
    Err(match other {
        Some(signed) => SignatureError::OtherArtifact {
            at,
            signed: *signed,
        },
        None if candidates.is_empty() => SignatureError::Unsigned(at),
        None => SignatureError::OtherKey(at),
    })
}
