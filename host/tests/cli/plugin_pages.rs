//! The pages for authors of plugins: what stands in them is what is built, run
//! and printed.
//!
//! A block of a language is a part of the page's example, whose build, tests and
//! render are tests of their own. Blocks of commands are run, one after the
//! other, and the text that follows is what they print.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ztgit_test_support::{guests, said};

use crate::environment::{TestEnvironment, files_below};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A fenced block.
struct Block {
    language: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let text = fs::read_to_string(repository().join("docs/plugins").join(page)).unwrap();
    let parts: Vec<&str> = text.split("```").collect();
    assert!(parts.len() % 2 == 1, "a block of {page} has no end");
    parts
        .chunks(2)
        .filter_map(|pair| pair.get(1))
        .map(|block| {
            let (language, text) = block.split_once('\n').unwrap();
            Block {
                language: language.to_owned(),
                text: text.to_owned(),
            }
        })
        .collect()
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

/// Every block of these languages is a part of a file of the example, but for
/// lines with `…`, where the file has more.
fn assert_parts_of(page: &str, example: &str, languages: &[&str]) {
    let directory = repository().join("examples").join(example);
    let files: Vec<String> = ["src", "tests", "cases", "stack"]
        .iter()
        .map(|folder| directory.join(folder))
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| files_below(&folder))
        .map(|(_, bytes)| plain(&String::from_utf8_lossy(&bytes)))
        .collect();
    let mut seen = 0;
    for block in blocks(page) {
        if !languages.contains(&block.language.as_str()) {
            continue;
        }
        let mut fragments = vec![String::new()];
        for line in block.text.lines() {
            if line.contains('…') {
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
                "{page}: no file of {example} has\n{fragment}"
            );
            seen += 1;
        }
    }
    assert!(seen > 0, "{page} has no block of {languages:?}");
}

#[test]
fn the_tutorial_is_its_example() {
    assert_parts_of("tutorial.md", "rust-monitoring", &["rust", "yaml"]);
}

#[test]
fn the_page_on_rust_is_its_example() {
    assert_parts_of("rust.md", "rust-contacts", &["rust", "yaml"]);
}

#[test]
fn the_contract_quotes_its_example() {
    assert_parts_of("contract.md", "rust-contacts", &["rust"]);
}

#[test]
fn the_page_on_versions_has_the_words_of_the_program() {
    let env = TestEnvironment::new();
    let newer = |text: &str| text.replace("@0.1.0", "@0.2.0");
    let later = |text: &str| text.replace("        apps,\n", "        apps,\n        later,\n");
    env.write("newer.wasm", guests::raw_guest_of("well-behaved", newer));
    env.write("later.wasm", guests::raw_guest_of("well-behaved", later));
    let said: String = ["newer.wasm", "later.wasm"]
        .map(|file| env.run(&["plugin", "check", file]).expect_exit(5).stdout)
        .concat();
    let quoted: Vec<Block> = blocks("versions.md");
    assert_eq!(quoted.len(), 2);
    for block in quoted {
        assert!(said.contains(block.text.trim()), "{said}");
    }
}

/// Puts the example's files where the reader has typed them.
fn type_in(example: &Path, project: &Path) {
    for folder in ["src", "tests", "cases", "stack"] {
        let _ = fs::remove_dir_all(project.join(folder));
        for (path, bytes) in files_below(&example.join(folder)) {
            let file = project.join(folder).join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
    }
}

#[test]
#[ignore = "builds a plugin twice, from nothing"]
fn the_commands_of_the_tutorial_print_what_it_says() {
    let directory = tempfile::tempdir().unwrap();
    let example = repository().join("examples/rust-monitoring");
    let program = Path::new(env!("CARGO_BIN_EXE_ztgit")).parent().unwrap();
    let mut place = directory.path().to_owned();
    let mut printed = String::new();
    let mut is_typed = false;
    for block in blocks("tutorial.md") {
        match block.language.as_str() {
            "sh" => {
                printed = run(&mut place, program, &block.text);
            }
            "text" => {
                for line in block.text.lines() {
                    assert!(printed.contains(line), "no `{line}` in\n{printed}");
                }
            }
            "yaml" if !is_typed => {
                type_in(&example, &place);
                is_typed = true;
            }
            _ => {}
        }
    }
}

/// Runs a block of commands; what they print comes back.
fn run(place: &mut PathBuf, program: &Path, commands: &str) -> String {
    let mut printed = String::new();
    for command in commands.lines() {
        if let Some(directory) = command.strip_prefix("cd ") {
            *place = place.join(directory);
            continue;
        }
        let line = format!("PATH=\"{}:$PATH\"; {command}", program.display());
        let output = Command::new("sh")
            .args(["-e", "-c", &line])
            .current_dir(&*place)
            .env("CARGO_TARGET_DIR", ztgit_test_support::scratch("example"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {}", said(&output));
        printed += &said(&output);
    }
    printed
}
