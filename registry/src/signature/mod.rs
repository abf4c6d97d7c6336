//! Signatures with a key pair, in the forms that cosign and Flux read.
//!
//! Written is a simple-signing payload under the tag `sha256-….sig`, which
//! every version of cosign and of Flux reads. Read are these and the bundles
//! that cosign 3 attaches as referrers. Keys are ECDSA on P-256, cosign's own
//! choice. Ed25519 is not supported: cosign signs and verifies a prehash where
//! Flux verifies the plain message, so no signature would satisfy both.

mod bundle;
mod encrypted;
mod key;
mod proof;
mod simple;
mod verify;

pub use key::{KeyError, PublicKey, SigningKey};
pub use proof::Proof;

use crate::{Client, Descriptor, Digest, Error, Failure, Reference, Repository};

/// How many signatures of an artifact are looked at, and how long each may be: a
/// registry lists whatever it likes, and none of it is known to be genuine yet.
const MOST_SIGNATURES: usize = 100;
const LONGEST_SIGNATURE: u64 = 1 << 20;

/// Why an artifact's signature does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is none.
    #[error("{0} is not signed")]
    Unsigned(String),
    /// There are some, none of them by the key that is asked for.
    #[error("{0} is not signed with the key that is demanded")]
    OtherKey(String),
    /// A signature by the right key that stands at the wrong artifact.
    #[error("the signature at {at} is for another artifact, {signed}")]
    OtherArtifact {
        /// Where it stands.
        at: String,
        /// What it was made for.
        signed: Digest,
    },
}

impl Client {
    fn signature_blob(&self, repository: &Repository, blob: &Descriptor) -> Result<Vec<u8>, Error> {
        self.blob_within(repository, blob, LONGEST_SIGNATURE)
    }
}

/// Refuses an artifact that has more signatures than anybody made.
fn countable<T>(signatures: Vec<T>, artifact: &Reference) -> Result<Vec<T>, Error> {
    if signatures.len() <= MOST_SIGNATURES {
        return Ok(signatures);
    }
    let failure = Failure::Malformed(format!("it lists more than {MOST_SIGNATURES} signatures"));
    Err(Error::Registry {
        action: "verify",
        subject: artifact.to_string(),
        failure,
    })
}
