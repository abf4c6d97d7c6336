//! The page's marked blocks.
//!
//! A fence's words after `test` are for this test alone: readers of the page do
//! not see them.

/// A block of commands.
#[derive(Debug)]
pub(crate) struct Block {
    /// The line of its fence, from 1.
    pub(crate) line: usize,
    /// Where it is run.
    pub(crate) machine: &'static str,
    /// The commands.
    pub(crate) text: String,
}

const PAGE: &str = include_str!("../../../docs/getting-started.md");

/// The commands that are run, in the order of the page.
pub(crate) fn commands() -> Vec<Block> {
    marked("```sh test ")
}

/// The objects by which Flux is told where to look.
pub(crate) fn objects() -> String {
    let mut blocks = marked("```yaml test objects");
    let objects = blocks.pop().expect("the page has the objects");
    assert!(blocks.is_empty(), "all of them in one block");
    objects.text
}

fn marked(fence: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = (1..).zip(PAGE.lines());
    while let Some((line, text)) = lines.next() {
        let Some(machine) = text.strip_prefix(fence) else {
            continue;
        };
        let within = lines.by_ref().map(|(_, text)| text);
        let text = within.take_while(|text| *text != "```");
        blocks.push(Block {
            line,
            machine,
            text: text.map(|line| format!("{line}\n")).collect(),
        });
    }
    blocks
}
