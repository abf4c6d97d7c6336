//! The pages for authors of plugins: what stands in them is what is built, run
//! and printed.
//!
//! A block of a language is a part of the page's example, whose build, tests and
//! render are tests of their own; the tutorial's blocks are all of it. Blocks of commands
//! are run, one after the other, and `text` is what programs print: those of the tutorial
//! and of the pages on a language in `tests/languages`, by their toolchains.

mod errors;
mod publishing;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ztgit_test_support::pages::{LEFT_OUT, blocks, plugin_pages};

use crate::environment::files_below;

/// The languages of each page's blocks. Every one of them is run, compared with the
/// example, or compared with what is printed; there are no others.
const LOOKED_AT: &[(&str, &[&str])] = &[
    ("README.md", &[]),
    ("contract.md", &["rust", "text"]),
    ("javascript.md", &["js", "sh"]),
    ("other-languages.md", &["text"]),
    ("publish.md", &["sh"]),
    ("python.md", &["python", "sh", "yaml"]),
    ("rust.md", &["rust", "sh", "yaml"]),
    ("tutorial.md", &["rust", "sh", "text", "yaml"]),
    ("versions.md", &["text"]),
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_block_of_every_page_is_looked_at() {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(plugin_pages()).unwrap() {
        let page = entry.unwrap().file_name().into_string().unwrap();
        let languages: BTreeSet<String> = blocks(&page)
            .into_iter()
            .map(|block| block.language)
            .collect();
        found.insert(page, languages);
    }
    let expected = LOOKED_AT.iter().map(|(page, languages)| {
        let languages = languages.iter().map(|&language| language.to_owned());
        ((*page).to_owned(), languages.collect())
    });
    assert_eq!(found, expected.collect());
}

/// A block that is merely indented would not be looked at.
#[test]
fn every_block_has_a_fence() {
    for (page, _) in LOOKED_AT {
        let text = fs::read_to_string(plugin_pages().join(page)).unwrap();
        let outside = text.split("```").step_by(2);
        let mut paragraphs = outside.flat_map(|part| part.split("\n\n"));
        let indented = paragraphs.find(|paragraph| paragraph.starts_with("    "));
        assert_eq!(indented, None, "{page}");
    }
}

/// Without what formatting and comments add.
fn plain(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once(" #") {
        Some((code, _)) => code,
        None => line,
    });
    let text: String = lines.flat_map(str::split_whitespace).collect();
    text.replace(",)", ")").replace(",}", "}")
}

/// The texts of an example, whatever was built in it.
fn sources(example: &Path) -> Vec<String> {
    let folders = ["src", "tests", "cases", "stack"].map(|folder| example.join(folder));
    let below = folders.iter().filter(|folder| folder.is_dir());
    let mut texts: Vec<Vec<u8>> = below
        .flat_map(|folder| files_below(folder).into_values())
        .collect();
    for entry in fs::read_dir(example).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            texts.push(fs::read(path).unwrap());
        }
    }
    let text = |bytes: Vec<u8>| plain(&String::from_utf8_lossy(&bytes));
    texts.into_iter().map(text).collect()
}

/// Every block of these languages is a part of a file of the example, or of the project
/// that is begun in this language, but for lines with `…`, where the file has more.
fn assert_parts_of(page: &str, example: &str, project: &str, languages: &[&str]) {
    let mut files = sources(&repository().join("examples").join(example));
    files.extend(sources(
        &repository().join("host/data/templates").join(project),
    ));
    let mut seen = 0;
    for block in blocks(page) {
        if !languages.contains(&block.language.as_str()) {
            continue;
        }
        let mut fragments = vec![String::new()];
        for line in block.text.lines() {
            if line.contains(LEFT_OUT) {
                fragments.push(String::new());
            } else {
                let last = fragments.last_mut().expect("there is one");
                *last += line;
                *last += "\n";
            }
        }
        for fragment in fragments {
            let wanted = plain(&fragment);
            assert!(
                files.iter().any(|file| file.contains(&wanted)),
                "{page}: no file of {example} or {project} has\n{fragment}"
            );
            seen += 1;
        }
    }
    assert!(seen > 0, "{page} has no block of {languages:?}");
}

#[test]
fn the_tutorial_is_all_of_its_example() {
    let mut typed: BTreeMap<String, String> = BTreeMap::new();
    for block in blocks("tutorial.md") {
        let Some(file) = block.file else { continue };
        let text = typed.entry(file).or_default();
        if !text.is_empty() {
            text.push('\n');
        }
        *text += &block.text;
    }
    let example = repository().join("examples/rust-monitoring");
    for (file, text) in &typed {
        let expected = fs::read_to_string(example.join(file)).unwrap();
        assert_eq!(*text, expected, "{file}");
    }
    let files: Vec<&str> = typed.keys().map(String::as_str).collect();
    let expected = [
        "cases/no-operator/request.yaml",
        "cases/scraped/request.yaml",
        "src/lib.rs",
        "stack/stack.yaml",
        "tests/monitoring.rs",
    ];
    assert_eq!(files, expected);
}

#[test]
fn the_page_on_rust_is_its_example() {
    assert_parts_of("rust.md", "rust-contacts", "rust", &["rust", "yaml"]);
}

#[test]
fn the_contract_quotes_its_example() {
    assert_parts_of("contract.md", "rust-contacts", "rust", &["rust"]);
}

#[test]
fn the_page_on_python_is_its_example() {
    let languages = ["python", "yaml"];
    assert_parts_of("python.md", "python-tetragon", "python", &languages);
}

#[test]
fn the_page_on_javascript_is_its_example() {
    let example = "javascript-registries";
    assert_parts_of("javascript.md", example, "javascript", &["js"]);
}
