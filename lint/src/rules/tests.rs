//! What holds for every rule.

use std::fs;
use std::path::Path;

use super::ALL;

#[test]
fn codes_are_sorted_and_each_is_there_once() {
    let codes: Vec<&str> = ALL.iter().map(|rule| rule.code).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "{codes:?}");
}

#[test]
fn every_rule_in_a_folder_is_listed() {
    let mut in_folders = 0;
    for folder in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules")).unwrap() {
        let folder = folder.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let names = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path());
        in_folders += names
            .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
            .count();
    }
    assert_eq!(in_folders, ALL.len());
}

#[test]
fn every_text_fits_a_terminal_and_says_what_to_do() {
    for rule in ALL {
        let (code, text) = (rule.code, rule.text);
        assert!(text.lines().next().unwrap().ends_with('.'), "{code}");
        for part in ["\nWrong", "\nRight", "\nWhat to do: ", "\nSource:"] {
            assert!(text.contains(part), "{code}: {part:?} is missing");
        }
        let prose = text.lines().filter(|line| !line.starts_with("https://"));
        let widest = prose.map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= 80, "{code}: a line of {widest}");
        let lines = text.lines().count();
        assert!((10..=35).contains(&lines), "{code}: {lines} lines");
    }
}
