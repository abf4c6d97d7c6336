//! A page for authors, followed to the letter: its commands are typed, its files are
//! written, and what it says is printed is compared.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ztgit_test_support::pages::{Block, assert_printed, blocks};
use ztgit_test_support::terminal::{Step, Terminal};

use super::workshop::Workshop;

/// Where its commands led, and each of them.
pub(crate) fn follow(workshop: &Workshop, page: &str) -> (Terminal, Vec<Step>) {
    let mut terminal = workshop.terminal(&workshop.projects());
    let mut steps: Vec<Step> = Vec::new();
    let mut printed = String::new();
    let mut begun = BTreeSet::new();
    for block in blocks(page) {
        match (block.language.as_str(), &block.file) {
            ("sh", _) => {
                let ran = terminal.run(&block.text);
                printed = ran.iter().map(|step| step.said.as_str()).collect();
                steps.extend(ran);
            }
            ("text", _) => assert_printed(&block.text, &printed),
            (_, Some(file)) => {
                let is_first = begun.insert(file.clone());
                type_in(&block, &terminal.place().join(file), is_first);
            }
            _ => {}
        }
    }
    (terminal, steps)
}

/// The first block of a file is what it has then; the others go below.
fn type_in(block: &Block, file: &Path, is_first: bool) {
    let directory = file.parent().expect("it lies in the project");
    fs::create_dir_all(directory).expect("the project is writable");
    let text = if is_first {
        block.text.clone()
    } else {
        let above = fs::read_to_string(file).expect("it was begun");
        format!("{above}\n{}", block.text)
    };
    fs::write(file, text).expect("the project is writable");
}
