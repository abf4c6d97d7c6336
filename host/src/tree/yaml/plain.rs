//! Which strings need no quotes.
//!
//! Readers differ in what they take for a boolean, a number, a date or null,
//! and differ again from version to version. So this is no list of what they
//! misread but the other way round: a plain string begins like a name, a path
//! or an option, is printable ASCII without `: ` and ` #`, and has nothing in
//! common with a number or with a word of any schema.

/// Words of YAML 1.1 and 1.2, and those that common parsers of floating-point
/// numbers take; in any case.
const WORDS: [&str; 15] = [
    "y",
    "n",
    "yes",
    "no",
    "on",
    "off",
    "true",
    "false",
    "null",
    "inf",
    "nan",
    "infinity",
    ".inf",
    ".nan",
    ".infinity",
];
const LONGEST_WORD: usize = 9;

/// Whether every reader takes the text for a string of exactly these
/// characters.
pub(super) fn is_plain(text: &str) -> bool {
    let bytes = text.as_bytes();
    begins_plainly(bytes) && has_plain_characters(bytes) && !is_word(text)
}

fn begins_plainly(bytes: &[u8]) -> bool {
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    match bytes.first() {
        Some(b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'$' | b'(' | b'^' | b';') => true,
        Some(b'0'..=b'9' | b'_') => !bytes.iter().copied().all(is_numeric),
        Some(b'.') => letter(1),
        // Options: `-v`, `--kubeconfig=/etc/x`.
        Some(b'-') => letter(1) || (bytes.get(1) == Some(&b'-') && letter(2)),
        _ => false,
    }
}

/// What stands in numbers and dates of YAML 1.1 and 1.2 and of the languages
/// that read them: `0x1F`, `0o17`, `0b1_0`, `1,000`, `1:30`, `1e3`, `0x1p-2`,
/// `2001-12-14t21:59:43.10-05:00`; also version numbers and addresses, for the
/// regular expression of YAML 1.1 takes `10.0.0.1` for a float.
fn is_numeric(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
        || matches!(byte, b'_' | b',' | b'.' | b':' | b'+' | b'-' | b' ')
        || matches!(
            byte,
            b'x' | b'X' | b'o' | b'O' | b'p' | b'P' | b't' | b'T' | b'z' | b'Z'
        )
}

fn has_plain_characters(bytes: &[u8]) -> bool {
    let mut previous = b' ';
    for &byte in bytes {
        let plain = match byte {
            b' ' => previous != b':',
            b'#' => previous != b' ',
            b'!'..=b'~' => true,
            _ => false,
        };
        if !plain {
            return false;
        }
        previous = byte;
    }
    !matches!(previous, b' ' | b':')
}

fn is_word(text: &str) -> bool {
    text.len() <= LONGEST_WORD && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}
