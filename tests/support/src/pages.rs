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
    /// The file that it is a part of: what the heading above it (`##`) has as code.
    pub file: Option<String>,
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
    let mut file = None;
    let mut blocks = Vec::new();
    for pair in parts.chunks_exact(2) {
        let headings = pair[0].lines().filter(|line| line.starts_with("## "));
        for heading in headings {
            file = heading.split('`').nth(1).map(str::to_owned);
        }
        let (language, text) = pair[1].split_once('\n').expect("a fence ends its line");
        blocks.push(Block {
            language: language.to_owned(),
            text: text.to_owned(),
            file: file.clone(),
        });
    }
    blocks
}

/// Fails unless the lines are, in this order, parts of lines that were printed, where
/// `…` stands for anything.
#[track_caller]
pub fn assert_printed(quoted: &str, printed: &str) {
    let mut rest = printed.lines();
    for line in quoted.lines() {
        let found = rest.any(|printed| has_in_order(printed, line));
        assert!(found, "no `{line}` in its place in\n{printed}");
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
    fn a_heading_names_the_file_of_its_blocks() {
        let page = "## Put into `a.rs`\n### More\n```rust\n1\n```\n## Then\n```sh\nls\n```\n";
        let files: Vec<Option<String>> = fenced(page).into_iter().map(|block| block.file).collect();
        assert_eq!(files, [Some("a.rs".to_owned()), None]);
    }

    #[test]
    #[should_panic(expected = "no `a` in its place")]
    fn lines_are_printed_in_the_order_of_the_page() {
        assert_printed("b\na\n", "a\nb\n");
    }

    #[test]
    fn what_is_left_out_is_anything_within_a_line() {
        assert_printed("a … c", "x\na b c d\n");
        assert!(!has_in_order("a c b", "a … b … c"));
    }
}
