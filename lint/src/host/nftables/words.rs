//! The words of a ruleset, line by line.

use std::iter::Peekable;
use std::str::CharIndices;

/// A word, or what stands between words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// A word; quotes are taken off.
    Word(&'t str),
    Open,
    Close,
    /// The end of a line, or `;`.
    End,
}

/// The tokens with their lines, from 1. Commas are left out: they only part what
/// spaces part as well.
pub(super) fn tokens(text: &str) -> Vec<(usize, Token<'_>)> {
    let mut found = Vec::new();
    let mut continued = false;
    for (index, line) in text.lines().enumerate() {
        let mut words = line_tokens(line);
        continued = words.last() == Some(&Token::Word("\\"));
        if continued {
            words.pop();
        } else {
            words.push(Token::End);
        }
        found.extend(words.into_iter().map(|token| (index + 1, token)));
    }
    if continued {
        found.push((1, Token::End));
    }
    found
}

fn line_tokens(line: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut rest = line.char_indices().peekable();
    while let Some((start, character)) = rest.next() {
        match character {
            '#' => break,
            '{' => found.push(Token::Open),
            '}' => found.push(Token::Close),
            ';' => found.push(Token::End),
            '"' => {
                let end = rest.find(|(_, next)| *next == '"');
                let end = end.map_or(line.len(), |(end, _)| end);
                found.push(Token::Word(&line[start + 1..end]));
            }
            _ if character.is_whitespace() || character == ',' => {}
            _ => found.push(Token::Word(word(line, start, &mut rest))),
        }
    }
    found
}

fn word<'t>(line: &'t str, start: usize, rest: &mut Peekable<CharIndices<'_>>) -> &'t str {
    let part = |character: char| !character.is_whitespace() && !"{};,\"#".contains(character);
    let mut end = line.len();
    while let Some(&(index, next)) = rest.peek() {
        if !part(next) {
            end = index;
            break;
        }
        rest.next();
    }
    &line[start..end]
}
