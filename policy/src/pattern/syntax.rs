//! From the syntax of RE2, which Go and Envoy have, to that of the `regex` crate.
//!
//! Both are automata with nearly one syntax. RE2 takes a brace that is no repetition
//! for itself (`/users/{id}`), refuses one repetition after another (`/api/**`) and
//! more than a thousand repetitions, and has neither nested classes nor operators
//! inside a class. See <https://github.com/google/re2/wiki/Syntax>.

use std::iter::Peekable;
use std::str::CharIndices;

const MOST_REPETITIONS: u32 = 1000;

/// How long an expression may be that is small whatever it says.
const SHORT: usize = 1000;

/// The same expression for the `regex` crate, or why RE2 would refuse it.
pub(super) fn translate(text: &str) -> Result<String, String> {
    let mut output = String::with_capacity(text.len());
    let mut characters = text.char_indices().peekable();
    let mut repeated = false;
    while let Some((index, character)) = characters.next() {
        let repetition = match character {
            '*' | '+' | '?' => Some(character.to_string()),
            '{' => repetition(&text[index..])?,
            _ => None,
        };
        if let Some(operator) = repetition {
            if repeated {
                return Err(format!("`{operator}` repeats a repetition"));
            }
            characters = skip(characters, operator.chars().count() - 1);
            output.push_str(&operator);
            if characters.next_if(|(_, next)| *next == '?').is_some() {
                output.push('?');
            }
            repeated = true;
            continue;
        }
        repeated = false;
        match character {
            '\\' => escape(&mut characters, &mut output)?,
            '[' => class(&mut characters, &mut output),
            '{' => output.push_str("\\{"),
            '(' if characters.next_if(|(_, next)| *next == '?').is_some() => output.push_str("(?"),
            _ => output.push(character),
        }
    }
    Ok(output)
}

/// Whether what is compiled of an expression for the `regex` crate cannot become too
/// big: it is short, repeats nothing a number of times, and names none of the classes
/// that have a great many characters.
pub(super) fn is_small(expression: &str) -> bool {
    let mut pairs = expression.bytes().zip(expression.bytes().skip(1));
    let names_classes = pairs.any(|(one, next)| one == b'\\' && next.is_ascii_alphanumeric());
    expression.len() <= SHORT && !expression.contains('{') && !names_classes
}

fn skip(mut characters: Peekable<CharIndices<'_>>, count: usize) -> Peekable<CharIndices<'_>> {
    for _ in 0..count {
        characters.next();
    }
    characters
}

/// `{2}`, `{2,}` or `{2,3}` at the start of a text; anything else is literal.
fn repetition(text: &str) -> Result<Option<String>, String> {
    let Some((inside, _)) = text[1..].split_once('}') else {
        return Ok(None);
    };
    let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if least.is_empty() || !digits(least) || !digits(most) {
        return Ok(None);
    }
    let too_many =
        |text: &str| !text.is_empty() && text.parse().unwrap_or(u32::MAX) > MOST_REPETITIONS;
    if too_many(least) || too_many(most) {
        return Err(format!(
            "`{{{inside}}}` repeats more than {MOST_REPETITIONS} times"
        ));
    }
    Ok(Some(format!("{{{inside}}}")))
}

/// What follows a backslash. `\<` and `\>` are literal for RE2.
fn escape(characters: &mut Peekable<CharIndices<'_>>, output: &mut String) -> Result<(), String> {
    match characters.next() {
        Some((_, '<')) => output.push_str("\\x3c"),
        Some((_, '>')) => output.push_str("\\x3e"),
        Some((_, 'Q')) => quote(characters, output),
        Some((_, escaped)) => output.extend(['\\', escaped]),
        None => return Err("a backslash ends the expression".to_owned()),
    }
    Ok(())
}

/// `\Q...\E` quotes what is between.
fn quote(characters: &mut Peekable<CharIndices<'_>>, output: &mut String) {
    let mut quoted = String::new();
    while let Some((_, character)) = characters.next() {
        if character == '\\' && characters.next_if(|(_, next)| *next == 'E').is_some() {
            break;
        }
        quoted.push(character);
    }
    output.push_str(&regex::escape(&quoted));
}

/// A class up to its closing bracket, what nests or operates there made literal.
fn class(characters: &mut Peekable<CharIndices<'_>>, output: &mut String) {
    output.push('[');
    if characters.next_if(|(_, next)| *next == '^').is_some() {
        output.push('^');
    }
    let mut first = true;
    while let Some((_, character)) = characters.next() {
        match character {
            ']' if !first => {
                output.push(']');
                return;
            }
            '[' if characters.next_if(|(_, next)| *next == ':').is_some() => {
                output.push_str("[:");
                for (_, inside) in characters.by_ref() {
                    output.push(inside);
                    if inside == ']' {
                        break;
                    }
                }
            }
            '[' | ']' | '&' | '~' => output.extend(['\\', character]),
            '\\' => {
                output.push('\\');
                output.extend(characters.next().map(|(_, escaped)| escaped));
            }
            _ => output.push(character),
        }
        first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::super::http;

    #[test]
    fn a_brace_that_is_no_repetition_is_itself() {
        let pattern = http("/users/{id}").expect("RE2 takes it");
        assert!(pattern.matches("/users/{id}"));
        assert!(http("/users/[0-9]{1,3}").unwrap().matches("/users/42"));
    }

    #[test]
    fn a_repetition_of_a_repetition_is_refused() {
        for text in [
            "/api/**", "*", "/a+*", "/a{2}{3}", "/a{1001}", "/(", "/[a", "/a\\",
        ] {
            assert!(http(text).is_err(), "{text}");
        }
        assert!(http("/a*?b??").is_ok());
    }

    #[test]
    fn an_expression_is_checked_as_it_is_compiled() {
        for text in [
            r"^/v1/cart(\?.*)?$",
            "/items/[^/]+",
            "/a|/b",
            "(?i)/A",
            "",
            "/é.*",
            r"/\d+",
            r"/\pL*",
            "/[0-9]{1,3}",
            "/users/{id}",
            "/(",
            "/[a",
            "a**",
            "/a)|(b",
            "(?P<n>a)",
            "(?z)",
            "(?=a)",
            r"\1",
            "[z-a]",
            "(a{9}){9}",
            r"(\w{1000}){1000}",
        ] {
            assert_eq!(
                super::super::check_http(text).err(),
                http(text).err(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_class_has_no_operators() {
        let pattern = http("[a&&b]").unwrap();
        assert!(pattern.matches("&") && pattern.matches("a"));
        assert!(http("[[]").unwrap().matches("["));
        assert!(http("[]a]").unwrap().matches("]"));
        assert!(http("[[:digit:]]+").unwrap().matches("42"));
    }

    #[test]
    fn the_whole_text_has_to_match() {
        let pattern = http("/a|/b").unwrap();
        assert!(pattern.matches("/b"));
        assert!(!pattern.matches("/ab") && !pattern.matches("/a?id=1"));
    }

    #[test]
    fn quoted_text_is_literal() {
        assert!(http(r"/\Qa.b\E.").unwrap().matches("/a.bX"));
        assert!(!http(r"/\Qa.b\E").unwrap().matches("/aXb"));
    }
}
