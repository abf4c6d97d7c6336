//! Looking for a signature where cosign puts it.

use super::proof::{Proof, judge};
use super::{PublicKey, SignatureError};
use crate::{Client, Digest, Error, Reference, TrustError};

impl Client {
    /// The proof that the artifact with this digest is signed with the key.
    pub fn verify(
        &self,
        artifact: &Reference,
        subject: &Digest,
        key: &PublicKey,
    ) -> Result<Proof, Error> {
        let repository = artifact.repository();
        let judge = |proofs: &[Proof]| judge(artifact, subject, key, proofs).cloned();
        let mut proofs = self.simple_signatures(repository, subject)?;
        if let Ok(proof) = judge(&proofs) {
            return Ok(proof);
        }
        proofs.extend(self.bundled_signatures(repository, subject)?);
        judge(&proofs).map_err(|error: SignatureError| TrustError::Signature(error).into())
    }
}
