//! Text of other plugins in a ruleset.

use std::fmt;

/// The comment of a rule: who asked for it, and what for. It cannot end
/// before its closing quote, and nft and iptables take it whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Comment(String);

/// nft refuses a longer one.
const MAX_BYTES: usize = 128;
const CUT: &str = "...";

impl Comment {
    /// Anything but printable ASCII, and what has a meaning between quotes,
    /// becomes a question mark; what is too long is cut.
    pub(crate) fn new(provider: &str, purpose: &str) -> Self {
        let plain = |character: char| match character {
            '"' | '\\' => '?',
            ' '..='~' => character,
            _ => '?',
        };
        let mut text: String = format!("{provider}: {purpose}")
            .chars()
            .map(plain)
            .collect();
        if text.len() > MAX_BYTES {
            text.truncate(MAX_BYTES - CUT.len());
            text.push_str(CUT);
        }
        Self(text)
    }
}

impl fmt::Display for Comment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_comment_early() {
        let comment = Comment::new("x", "a\" accept\ninclude \\ \u{202e}é");
        assert_eq!(comment.to_string(), r#""x: a? accept?include ? ??""#);
    }

    #[test]
    fn a_long_comment_is_cut_at_what_nft_takes() {
        let exact = Comment::new("x", &"y".repeat(125)).0;
        assert_eq!((exact.len(), exact.ends_with('y')), (128, true));
        let cut = Comment::new("x", &"é".repeat(200)).0;
        assert_eq!((cut.len(), cut.ends_with("?...")), (128, true));
    }
}
