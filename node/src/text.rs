//! Foreign text on its way to a terminal.

use std::fmt::Write as _;

/// The text with everything escaped that moves a cursor, turns the direction of
/// writing or cannot be seen, and cut after some characters.
pub(crate) fn escaped(text: &str, longest: usize) -> String {
    let mut safe = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == longest {
            safe.push('…');
            break;
        }
        if is_visible(character) {
            safe.push(character);
        } else {
            write!(safe, "\\u{{{:x}}}", u32::from(character)).expect("a string takes all text");
        }
    }
    safe
}

fn is_visible(character: char) -> bool {
    !(character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_moves_the_cursor_or_turns_the_line() {
        assert_eq!(
            escaped("a\x1b[2Jb\u{202e}é\n", 99),
            "a\\u{1b}[2Jb\\u{202e}é\\u{a}"
        );
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(escaped("abcdef", 3), "abc…");
    }
}
