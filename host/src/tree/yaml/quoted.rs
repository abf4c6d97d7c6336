//! Strings in double quotes, on one line.

use crate::tree::invisible::{is_invisible, is_noncharacter};

/// Whether a character may stand as it is: readers take it literally and a
/// person sees it. Not for quotes and backslashes.
pub(super) fn is_readable(character: char) -> bool {
    match character {
        ' '..='~' => true,
        _ if character.is_ascii() => false,
        _ => !is_invisible(character) && !is_noncharacter(character),
    }
}

/// Appends the string with quotes. The escapes are those that YAML 1.1 and 1.2
/// have in common.
pub(super) fn write(text: &str, out: &mut String) {
    out.push('"');
    let mut written = 0;
    for (at, character) in text.char_indices() {
        if is_readable(character) && !matches!(character, '"' | '\\') {
            continue;
        }
        out.push_str(&text[written..at]);
        written = at + character.len_utf8();
        escape(character, out);
    }
    out.push_str(&text[written..]);
    out.push('"');
}

fn escape(character: char, out: &mut String) {
    let code = u32::from(character);
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\0'..='\u{ff}' => hexadecimal("\\x", code, 2, out),
        '\u{100}'..='\u{ffff}' => hexadecimal("\\u", code, 4, out),
        _ => hexadecimal("\\U", code, 8, out),
    }
}

fn hexadecimal(prefix: &str, code: u32, digits: u32, out: &mut String) {
    out.push_str(prefix);
    for place in (0..digits).rev() {
        let digit = char::from_digit(code >> (4 * place) & 0xf, 16);
        out.push(
            digit
                .expect("four bits are one hexadecimal digit")
                .to_ascii_uppercase(),
        );
    }
}
