//! The JSON texts of an answer: nothing unparsed gets further in.
//!
//! A short text may be a large value, `[0,0,0,…` sixteen times as large, so
//! what the values will take is bounded before any of them is made.

use serde_json::Value;

/// What is wrong with an answer.
pub(super) struct Problem(pub(super) String);

/// A map's first node has room for eleven entries.
const MAP_BYTES: usize = 640;
/// A value in a list that has room for as many again.
const VALUE_BYTES: usize = 64;
/// What an allocator adds to a text, for each of its two quotes.
const QUOTE_BYTES: usize = 16;

/// Parses the texts of one answer.
pub(super) struct Parser {
    limit: usize,
    left: usize,
}

impl Parser {
    /// For an answer whose values may take so many bytes together.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, left: limit }
    }

    /// The value of a text; `what` it is goes into messages.
    pub(super) fn parse(&mut self, what: &str, text: &str) -> Result<Value, Problem> {
        self.left = self.left.checked_sub(size(text)).ok_or_else(|| {
            Problem(format!(
                "its JSON takes more than {} MiB once it is parsed",
                self.limit >> 20
            ))
        })?;
        serde_json::from_str(text).map_err(|error| Problem(format!("{what} is not JSON: {error}")))
    }
}

/// What the value of a text takes, at most.
fn size(text: &str) -> usize {
    let (mut bytes, mut in_string, mut is_escaped) = (text.len(), false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = in_string,
            b'"' => {
                in_string = !in_string;
                bytes += QUOTE_BYTES;
            }
            b'{' if !in_string => bytes += MAP_BYTES,
            b'[' | b',' | b':' if !in_string => bytes += VALUE_BYTES,
            _ => {}
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_in_texts_are_not_counted() {
        assert_eq!(size(r#""{[,:\"{""#), 9 + 2 * QUOTE_BYTES);
        assert_eq!(size("[{},0]"), 6 + MAP_BYTES + 2 * VALUE_BYTES);
    }

    #[test]
    fn the_texts_of_an_answer_share_one_limit() {
        let mut parser = Parser::new(100);
        assert!(parser.parse("a fact", "[0]").is_ok());
        let Err(problem) = parser.parse("a fact", "[0]") else {
            panic!("both were taken")
        };
        assert_eq!(
            problem.0,
            "its JSON takes more than 0 MiB once it is parsed"
        );
    }
}
