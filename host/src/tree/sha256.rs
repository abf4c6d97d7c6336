//! A SHA-256 digest as text: `sha256:` and 64 hexadecimal digits.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest;

const PREFIX: &str = "sha256:";

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256([u8; 32]);

/// Why a text is no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Sha256ParseError {
    /// Another algorithm, or none.
    #[error("a digest begins with `sha256:`")]
    Prefix,
    /// Too short or too long.
    #[error("a digest has 64 hexadecimal digits, not {0}")]
    Length(usize),
    /// Upper case is refused as well, so that a digest has one spelling.
    #[error("a digest has the digits 0 to 9 and a to f only")]
    Digit,
}

impl Sha256 {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// A digest that was computed before.
    pub const fn from_bytes(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The 64 digits, without the algorithm's name.
    pub fn hex(&self) -> String {
        self.text("")
    }

    /// The digits behind a prefix. An inventory has thousands of them.
    fn text(&self, prefix: &str) -> String {
        const DIGITS: [char; 16] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
        ];
        let mut text = String::with_capacity(prefix.len() + 2 * self.0.len());
        text.push_str(prefix);
        for byte in self.0 {
            text.push(DIGITS[usize::from(byte >> 4)]);
            text.push(DIGITS[usize::from(byte & 0xf)]);
        }
        text
    }
}

/// A digest over several fields, no two lists of which run together: each
/// field goes in behind its length.
#[derive(Default)]
pub(crate) struct FieldHasher(sha2::Sha256);

impl FieldHasher {
    pub(crate) fn field(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).expect("a length in memory fits 64 bits");
        self.0.update(length.to_le_bytes());
        self.0.update(bytes);
    }

    pub(crate) fn finish(self) -> Sha256 {
        Sha256(self.0.finalize().into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text(PREFIX))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Sha256 {
    type Err = Sha256ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text
            .strip_prefix(PREFIX)
            .ok_or(Sha256ParseError::Prefix)?
            .as_bytes();
        if digits.len() != 64 {
            return Err(Sha256ParseError::Length(digits.len()));
        }
        let mut digest = [0; 32];
        for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Ok(Self(digest))
    }
}

impl TryFrom<String> for Sha256 {
    type Error = Sha256ParseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> Self {
        digest.text(PREFIX)
    }
}

fn nibble(digit: u8) -> Result<u8, Sha256ParseError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(Sha256ParseError::Digit),
    }
}

#[cfg(test)]
mod tests {
    use super::{FieldHasher, Sha256, Sha256ParseError};

    const EMPTY: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn known_answers() {
        assert_eq!(Sha256::of(b"").to_string(), EMPTY);
        assert_eq!(
            Sha256::of(b"abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            Sha256::of(&vec![b'a'; 1_000_000]).hex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        );
    }

    #[test]
    fn text_comes_back() {
        let digest = Sha256::of(b"abc");
        assert_eq!(digest.to_string().parse(), Ok(digest));
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(serde_json::from_str::<Sha256>(&json).unwrap(), digest);
    }

    #[test]
    fn every_digest_has_one_spelling() {
        assert_eq!(
            EMPTY.to_uppercase().parse::<Sha256>(),
            Err(Sha256ParseError::Prefix)
        );
        let upper = EMPTY.replace('e', "E");
        assert_eq!(upper.parse::<Sha256>(), Err(Sha256ParseError::Digit));
        assert_eq!(
            "sha256:00".parse::<Sha256>(),
            Err(Sha256ParseError::Length(2))
        );
        assert_eq!(EMPTY[7..].parse::<Sha256>(), Err(Sha256ParseError::Prefix));
    }

    #[test]
    fn fields_do_not_run_together() {
        let digest = |fields: &[&str]| {
            let mut hasher = FieldHasher::default();
            for field in fields {
                hasher.field(field.as_bytes());
            }
            hasher.finish()
        };
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_ne!(digest(&["ab"]), digest(&["ab", ""]));
    }
}
