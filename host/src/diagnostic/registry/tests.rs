//! The list of texts against the folder that they stand in, and against the
//! codes that the host's sources emit.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{OWN, explain, explanations};

#[test]
fn codes_are_sorted_and_each_is_there_once() {
    let codes: Vec<&str> = explanations().iter().map(|e| e.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
}

#[test]
fn every_file_in_the_folder_is_listed() {
    let folder = sources().join("diagnostic/explain");
    let files: BTreeSet<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let listed: BTreeSet<String> = OWN.iter().map(|e| format!("{}.md", e.code)).collect();
    assert_eq!(files, listed);
}

#[test]
fn every_code_that_is_emitted_has_a_text() {
    let missing: Vec<String> = emitted()
        .into_iter()
        .filter(|code| explain(code).is_none())
        .collect();
    assert!(missing.is_empty(), "without a text: {missing:?}");
}

#[test]
fn every_text_is_of_a_code_that_is_emitted() {
    let emitted = emitted();
    let left_over: Vec<&str> = OWN
        .iter()
        .map(|e| e.code)
        .filter(|code| !emitted.contains(*code))
        .collect();
    assert!(left_over.is_empty(), "nothing emits: {left_over:?}");
}

#[test]
fn every_text_fits_a_terminal_and_says_what_to_do() {
    for explanation in OWN {
        let text = explanation.text;
        let first = text.lines().next().unwrap();
        assert!(
            first.ends_with('.'),
            "{}: the first line is a sentence",
            explanation.code
        );
        assert!(
            text.contains("\nWrong") && text.contains("\nRight"),
            "{}",
            explanation.code
        );
        assert!(text.contains("\nWhat to do: "), "{}", explanation.code);
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{}",
            explanation.code
        );
        assert!(
            (10..=30).contains(&text.lines().count()),
            "{}",
            explanation.code
        );
    }
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The codes in the host's sources, as calls and fields have them.
fn emitted() -> BTreeSet<String> {
    let mut texts = Vec::new();
    read_sources(&sources(), &mut texts);
    let all = texts.concat();
    let mut codes = BTreeSet::new();
    for text in &texts {
        for call in ["Diagnostic::error(", "Diagnostic::warning("] {
            for argument in text.split(call).skip(1) {
                codes.extend(codes_of(argument, text, &all));
            }
        }
        for field in text.split("code: \"").skip(1) {
            codes.extend(literal(&format!("\"{field}")));
        }
    }
    codes
}

/// Sources without tests.
fn read_sources(directory: &Path, texts: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap();
        if path.is_dir() {
            if name != "tests" {
                read_sources(&path, texts);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && name != "tests.rs"
        {
            let text = fs::read_to_string(&path).unwrap();
            texts.push(text.split("#[cfg(test)]").next().unwrap().to_owned());
        }
    }
}

/// What an expression may be: a literal, a constant, or a variable with one of
/// several values.
fn codes_of(expression: &str, text: &str, all: &str) -> Vec<String> {
    let expression = expression.trim_start();
    if let Some(code) = literal(expression) {
        return vec![code];
    }
    let name: String = expression
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    if let Some((_, value)) = all.split_once(&format!("const {name}: &str = ")) {
        return literal(value).into_iter().collect();
    }
    let codes: Vec<String> = [format!("let {name} = match "), format!("let ({name}, ")]
        .iter()
        .filter_map(|start| text.split_once(start.as_str()))
        .flat_map(|(_, rest)| rest.split("};").next().unwrap().split("=>").skip(1))
        .flat_map(|arm| codes_of(arm.trim_start_matches([' ', '\n', '(', '{']), text, all))
        .collect();
    assert!(!codes.is_empty(), "which codes is `{name}`?");
    codes
}

/// The text in quotes that an expression begins with.
fn literal(expression: &str) -> Option<String> {
    let (code, _) = expression.strip_prefix('"')?.split_once('"')?;
    Some(code.to_owned())
}
