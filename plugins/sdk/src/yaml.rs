//! How foreign text gets into YAML: as a double-quoted scalar, or behind `#`.
//! Neither can end its line, whichever version of YAML the reader speaks.

use std::fmt::Write as _;

/// A double-quoted scalar that YAML 1.1 and 1.2 read alike.
pub fn quoted(text: &str) -> String {
    let mut scalar = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                scalar.push('\\');
                scalar.push(character);
            }
            other if breaks_lines(other) => {
                write!(scalar, "\\u{:04x}", u32::from(other)).expect("a string takes all text");
            }
            other => scalar.push(other),
        }
    }
    scalar.push('"');
    scalar
}

/// Text that stays in its comment.
pub fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if breaks_lines(c) { ' ' } else { c })
        .collect()
}

/// Whether a character ends a line for some reader, or is a control. All of
/// them are below U+10000.
pub fn breaks_lines(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_cannot_end_its_quotes_or_its_line() {
        assert_eq!(quoted("a\"b\\c\nd\u{2028}"), r#""a\"b\\c\u000ad\u2028""#);
    }

    #[test]
    fn a_comment_cannot_end_its_line() {
        assert_eq!(one_line("x\r\ny: z\u{85}"), "x  y: z ");
    }
}
