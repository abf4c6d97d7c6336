//! WireGuard's public keys.

use std::fmt;

use ztgit_plugin::Diagnostic;

use crate::section::Section;

/// A public key as `wg` reads it: 32 bytes in padded base64, not all zero.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PublicKey(String);

/// Why a text is not a [`PublicKey`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyError {
    /// Not 32 bytes in base64.
    Syntax,
    /// All zero, which is no point that anybody holds the private half of.
    Zero,
}

/// 32 bytes are 43 characters of base64 and one of padding.
const DIGITS: usize = 43;

impl PublicKey {
    /// Reads a key.
    pub(crate) fn parse(text: &str) -> Result<Self, KeyError> {
        let digits = text.strip_suffix('=').ok_or(KeyError::Syntax)?;
        let values = digits.bytes().map(sextet).collect::<Option<Vec<_>>>();
        let values = values
            .filter(|values| values.len() == DIGITS)
            .ok_or(KeyError::Syntax)?;
        // 43 digits hold 258 bits; `wg` refuses a key whose last two are set.
        if values.last().is_some_and(|last| last & 0b11 != 0) {
            return Err(KeyError::Syntax);
        }
        if values.iter().all(|&value| value == 0) {
            return Err(KeyError::Zero);
        }
        Ok(Self(text.to_owned()))
    }

    /// Reads a key that stands at that place of the config.
    pub(crate) fn parse_at(
        text: &str,
        section: Section<'_>,
        place: &[&str],
    ) -> Result<Self, Diagnostic> {
        Self::parse(text).map_err(|error| {
            // The text itself is not repeated: it may be a private key, pasted
            // into the wrong place.
            section
                .error(place, "public-key", format!("the public key {error}"))
                .hint("put what `wg pubkey` prints there: 44 characters that end in `=`")
        })
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Syntax => "is not 32 bytes in base64",
            Self::Zero => "is all zero",
        })
    }
}

fn sextet(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";

    #[test]
    fn a_key_is_shown_as_it_was_written() {
        assert_eq!(PublicKey::parse(GOOD).unwrap().to_string(), GOOD);
    }

    #[test]
    fn anything_but_32_bytes_in_base64_is_refused() {
        let unpadded = &GOOD[..GOOD.len() - 1];
        let stray_bits = GOOD.replace("Dg=", "Dh=");
        let foreign = GOOD.replace('x', "-");
        let short = &GOOD[1..];
        let long = format!("A{GOOD}");
        for text in ["", "=", unpadded, &stray_bits, &foreign, short, &long] {
            assert_eq!(PublicKey::parse(text), Err(KeyError::Syntax), "{text}");
        }
    }

    #[test]
    fn the_zero_key_is_refused() {
        let zero = format!("{}=", "A".repeat(DIGITS));
        assert_eq!(PublicKey::parse(&zero), Err(KeyError::Zero));
    }
}
