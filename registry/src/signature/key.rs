//! Keys, as `cosign generate-key-pair` writes them.

use p256::SecretKey;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{self, Signature};
use p256::pkcs8::der::pem;
use p256::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePublicKey as _, LineEnding};

use super::encrypted;
use crate::Digest;

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not PEM.
    #[error("this is no key in PEM")]
    NotPem,
    /// PEM of something else.
    #[error("this is no private key as cosign writes it, and no unencrypted PKCS #8")]
    NotPrivate,
    /// A public key of another kind, or something else.
    #[error("this is no public ECDSA key on P-256, as cosign writes it")]
    NotPublic,
    /// A private key of another kind.
    #[error("this private key is not for ECDSA on P-256")]
    OtherAlgorithm,
    /// The key is encrypted and no password was given.
    #[error("the private key is encrypted: it needs its password")]
    NoPassword,
    /// It does not decrypt with this password.
    #[error("the private key does not decrypt with this password")]
    WrongPassword,
    /// The envelope of the encryption is not what cosign writes.
    #[error("the private key is encrypted in a way that cosign does not use")]
    OtherEncryption,
}

/// What signatures are verified with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(ecdsa::VerifyingKey);

impl PublicKey {
    /// Reads `cosign.pub`.
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        let key = ecdsa::VerifyingKey::from_public_key_pem(text.trim());
        key.map(Self).map_err(|_| KeyError::NotPublic)
    }

    /// The key as `cosign.pub` has it.
    pub fn to_pem(&self) -> String {
        self.0
            .to_public_key_pem(LineEnding::LF)
            .expect("any point of the curve can be written")
    }

    /// The SHA-256 of the key in DER: short enough to be compared by people.
    pub fn digest(&self) -> Digest {
        let der = self.0.to_public_key_der();
        Digest::of(
            der.expect("any point of the curve can be written")
                .as_bytes(),
        )
    }

    /// Whether this is a signature, in DER, of the message by this key.
    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        Signature::from_der(signature)
            .is_ok_and(|signature| self.0.verify(message, &signature).is_ok())
    }
}

/// What signatures are made with. Never shown.
pub struct SigningKey(ecdsa::SigningKey);

impl SigningKey {
    /// Reads `cosign.key`, or an unencrypted key in PKCS #8.
    pub fn from_pem(text: &str, password: Option<&[u8]>) -> Result<Self, KeyError> {
        let (label, body) =
            pem::decode_vec(text.trim().as_bytes()).map_err(|_| KeyError::NotPem)?;
        let document = match label {
            "PRIVATE KEY" => body,
            "ENCRYPTED SIGSTORE PRIVATE KEY" | "ENCRYPTED COSIGN PRIVATE KEY" => {
                encrypted::open(&body, password.ok_or(KeyError::NoPassword)?)?
            }
            _ => return Err(KeyError::NotPrivate),
        };
        let key = SecretKey::from_pkcs8_der(&document).map_err(|_| KeyError::OtherAlgorithm)?;
        Ok(Self(key.into()))
    }

    /// The other half.
    pub fn public(&self) -> PublicKey {
        PublicKey(*self.0.verifying_key())
    }

    /// A signature in DER: the same for the same message (RFC 6979).
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: Signature = self.0.sign(message);
        signature.to_der().as_bytes().to_vec()
    }
}
