//! The envelope around a private key of cosign: scrypt makes a key of the
//! password, `NaCl`'s secretbox opens the rest.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_secretbox::aead::Aead as _;
use crypto_secretbox::{KeyInit as _, XSalsa20Poly1305};
use serde::Deserialize;

use super::KeyError;

/// Twice what cosign uses now in each: more would only be somebody's joke.
const MAX_LOG_N: u32 = 20;
const MAX_R: u32 = 16;
const MAX_P: u32 = 4;

#[derive(Deserialize)]
struct Envelope {
    kdf: Derivation,
    cipher: Cipher,
    ciphertext: String,
}

#[derive(Deserialize)]
struct Derivation {
    name: String,
    params: Parameters,
    salt: String,
}

#[derive(Deserialize)]
struct Parameters {
    #[serde(rename = "N")]
    n: u64,
    r: u32,
    p: u32,
}

#[derive(Deserialize)]
struct Cipher {
    name: String,
    nonce: String,
}

/// The key inside, in PKCS #8.
pub(super) fn open(envelope: &[u8], password: &[u8]) -> Result<Vec<u8>, KeyError> {
    let envelope: Envelope =
        serde_json::from_slice(envelope).map_err(|_| KeyError::OtherEncryption)?;
    if envelope.kdf.name != "scrypt" || envelope.cipher.name != "nacl/secretbox" {
        return Err(KeyError::OtherEncryption);
    }
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| KeyError::OtherEncryption);
    let key = derive(&envelope.kdf, &decode(&envelope.kdf.salt)?, password)?;
    let nonce: [u8; 24] = decode(&envelope.cipher.nonce)?
        .try_into()
        .map_err(|_| KeyError::OtherEncryption)?;
    XSalsa20Poly1305::new(&key.into())
        .decrypt(&nonce.into(), decode(&envelope.ciphertext)?.as_slice())
        .map_err(|_| KeyError::WrongPassword)
}

fn derive(kdf: &Derivation, salt: &[u8], password: &[u8]) -> Result<[u8; 32], KeyError> {
    let Parameters { n, r, p } = kdf.params;
    let affordable = n.is_power_of_two() && n.ilog2() <= MAX_LOG_N && r <= MAX_R && p <= MAX_P;
    if !affordable {
        return Err(KeyError::OtherEncryption);
    }
    let log_n = u8::try_from(n.ilog2()).expect("it is at most twenty");
    let parameters = scrypt::Params::new(log_n, r, p).map_err(|_| KeyError::OtherEncryption)?;
    let mut key = [0; 32];
    scrypt::scrypt(password, salt, &parameters, &mut key).map_err(|_| KeyError::OtherEncryption)?;
    Ok(key)
}
