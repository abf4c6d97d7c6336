//! Digests and modes as they stand in manifests and reports.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256 as Hasher};

/// A sha256, written as `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256([u8; 32]);

/// Permission bits, written as four octal digits. Set-user-ID and its like have
/// no place here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Mode(u32);

/// A text that is no digest or mode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no {1}")]
pub struct NotANumber(String, &'static str);

impl Sha256 {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Hasher::digest(bytes).into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Sha256 {
    type Error = NotANumber;

    fn try_from(text: String) -> Result<Self, NotANumber> {
        let parse = || {
            let digits = text.strip_prefix("sha256:")?.as_bytes();
            let mut bytes = [0; 32];
            if digits.len() != 64 {
                return None;
            }
            for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
                *byte = hexadecimal(pair[0])? << 4 | hexadecimal(pair[1])?;
            }
            Some(Self(bytes))
        };
        parse().ok_or_else(|| NotANumber(text.clone(), "sha256 digest"))
    }
}

fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> Self {
        digest.to_string()
    }
}

impl Mode {
    /// The permission bits of a mode, whatever else is in it.
    pub fn of_bits(bits: u32) -> Self {
        Self(bits & 0o7777)
    }

    /// The bits.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Whether it gives nothing beyond another mode.
    pub(crate) fn is_within(self, widest: u32) -> bool {
        self.0 & !widest == 0
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

impl fmt::Debug for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Mode {
    type Error = NotANumber;

    fn try_from(text: String) -> Result<Self, NotANumber> {
        let is_octal = text.len() == 4 && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
        match u32::from_str_radix(&text, 8) {
            Ok(bits) if is_octal => Ok(Self(bits)),
            _ => Err(NotANumber(text, "mode of four octal digits")),
        }
    }
}

impl From<Mode> for String {
    fn from(mode: Mode) -> Self {
        mode.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_reads_back_what_it_writes_and_nothing_else() {
        let digest = Sha256::of(b"");
        let text = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(digest.to_string(), text);
        assert_eq!(Sha256::try_from(text.to_owned()), Ok(digest));
        assert!(Sha256::try_from(text.to_uppercase()).is_err());
        assert!(Sha256::try_from(text[..70].to_owned()).is_err());
    }

    #[test]
    fn a_mode_has_four_octal_digits() {
        assert_eq!(Mode::try_from("0644".to_owned()).unwrap().bits(), 0o644);
        for bad in ["644", "0o64", "0888", "+644", "00644"] {
            assert!(Mode::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
