//! That an artifact is signed, in a form that can be kept and judged again
//! without the registry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::{PublicKey, SignatureError, bundle, simple};
use crate::{Digest, Reference};

/// A signed message with a signature, as it was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Proof {
    form: Form,
    /// The message, in base64.
    payload: String,
    /// The signature of the message in its form, in base64.
    signature: String,
}

/// How a message says what it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Form {
    SimpleSigning,
    Dsse,
}

/// What a proof proves.
enum Verdict {
    Holds,
    OtherArtifact(Digest),
    OtherKey,
}

impl Proof {
    pub(super) fn new(form: Form, payload: String, signature: String) -> Self {
        Self {
            form,
            payload,
            signature,
        }
    }

    /// Whether this proves that the artifact with this digest is signed with
    /// the key.
    pub fn verify(
        &self,
        artifact: &Reference,
        subject: &Digest,
        key: &PublicKey,
    ) -> Result<(), SignatureError> {
        judge(artifact, subject, key, std::slice::from_ref(self)).map(|_| ())
    }

    fn verdict(&self, subject: &Digest, key: &PublicKey) -> Verdict {
        let decode = |text: &str| STANDARD.decode(text).ok();
        let (Some(payload), Some(signature)) = (decode(&self.payload), decode(&self.signature))
        else {
            return Verdict::OtherKey;
        };
        let (message, claims) = match self.form {
            Form::SimpleSigning => (payload.clone(), simple::claims(&payload)),
            Form::Dsse => (bundle::signed_message(&payload), bundle::claims(&payload)),
        };
        if !key.signed(&message, &signature) {
            return Verdict::OtherKey;
        }
        match claims.as_slice() {
            claims if claims.contains(subject) => Verdict::Holds,
            [other, ..] => Verdict::OtherArtifact(*other),
            // Signed with the right key, but something that is no signature of
            // an artifact.
            [] => Verdict::OtherKey,
        }
    }
}

/// The first proof that holds. Everything short of one is an error.
pub(super) fn judge<'p>(
    artifact: &Reference,
    subject: &Digest,
    key: &PublicKey,
    proofs: &'p [Proof],
) -> Result<&'p Proof, SignatureError> {
    let at = artifact.to_string();
    let mut error = match proofs {
        [] => SignatureError::Unsigned(at.clone()),
        _ => SignatureError::OtherKey(at.clone()),
    };
    for proof in proofs {
        match proof.verdict(subject, key) {
            Verdict::Holds => return Ok(proof),
            Verdict::OtherArtifact(signed) => {
                let at = at.clone();
                error = SignatureError::OtherArtifact { at, signed };
            }
            Verdict::OtherKey => {}
        }
    }
    Err(error)
}
