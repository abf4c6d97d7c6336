//! Blocks of code in pages of the documentation, for tests that run them and compare
//! them with what programs say.

use std::fs;
use std::path::{Path, PathBuf};

/// Stands for what a page leaves out, or what differs from run to run.
pub const LEFT_OUT: char = '…';

/// A fenced block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What stands behind the fence.
    pub language: String,
    /// Its lines.
    pub text: String,
}

/// The directory of the pages for authors of plugins.
pub fn plugin_pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/plugins")
}

/// The blocks of a page for authors of plugins.
pub fn blocks(page: &str) -> Vec<Block> {
    let path = plugin_pages().join(page);
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    fenced(&text)
}

/// The blocks of a text.
pub fn fenced(text: &str) -> Vec<Block> {
    let parts: Vec<&str> = text.split("```").collect();
    assert!(parts.len() % 2 == 1, "the last block has no end");
    let inside = parts.chunks(2).filter_map(|pair| pair.get(1));
    inside
        .map(|block| {
            let (language, text) = block.split_once('\n').expect("a fence ends its line");
            Block {
                language: language.to_owned(),
                text: text.to_owned(),
            }
        })
        .collect()
}

/// Fails unless every line is a part of a line that was printed, where `…` stands for
/// anything.
#[track_caller]
pub fn assert_printed(quoted: &str, printed: &str) {
    for line in quoted.lines() {
        let found = printed.lines().any(|printed| has_in_order(printed, line));
        assert!(found, "no `{line}` in\n{printed}");
    }
}

fn has_in_order(printed: &str, line: &str) -> bool {
    let mut rest = printed;
    line.split(LEFT_OUT)
        .all(|part| match rest.split_once(part) {
            Some((_, behind)) => {
                rest = behind;
                true
            }
            None => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_has_its_language_and_its_lines() {
        let page = "text\n```sh\nls\n```\nmore\n```\nplain\n```\n";
        let found = fenced(page);
        let texts: Vec<(&str, &str)> = found
            .iter()
            .map(|block| (block.language.as_str(), block.text.as_str()))
            .collect();
        assert_eq!(texts, [("sh", "ls\n"), ("", "plain\n")]);
    }

    #[test]
    fn what_is_left_out_is_anything_within_a_line() {
        assert_printed("a … c", "x\na b c d\n");
        assert!(!has_in_order("a c b", "a … b … c"));
    }
}
