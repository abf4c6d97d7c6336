//! Links of the documentation within the repository lead somewhere: to a file, and to a
//! heading of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The pages that are checked, and those below the directories.
const PAGES: [&str; 3] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"];
const DIRECTORIES: [&str; 3] = ["docs", "examples", "stacks"];

fn pages() -> Vec<PathBuf> {
    let mut pages = PAGES.map(|page| repository().join(page)).to_vec();
    let mut directories = DIRECTORIES.map(|name| repository().join(name)).to_vec();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("it is readable") {
            let path = entry.expect("it is readable").path();
            let is_built = path.ends_with("node_modules") || path.ends_with("target");
            if path.is_dir() && !is_built {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                pages.push(path);
            }
        }
    }
    pages
}

/// A page without its blocks of code.
fn prose(page: &Path) -> String {
    let text = fs::read_to_string(page).expect("it is text");
    text.split("```").step_by(2).collect()
}

/// Where the links of a text lead.
fn links(prose: &str) -> Vec<&str> {
    let ends = prose.split("](").skip(1);
    ends.filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target)
        .collect()
}

/// The anchors of a page, as forges make them of its headings.
fn anchors(page: &Path) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for line in prose(page).lines() {
        let heading = line.trim_start_matches('#');
        if heading.len() == line.len() {
            continue;
        }
        let kept = heading.trim().chars().filter_map(|character| {
            let stays = character.is_alphanumeric() || "-_".contains(character);
            match character {
                ' ' => Some('-'),
                _ if stays => Some(character),
                _ => None,
            }
        });
        let anchor: String = kept.flat_map(char::to_lowercase).collect();
        let again = (1..).map(|count| format!("{anchor}-{count}"));
        let mut names = std::iter::once(anchor.clone()).chain(again);
        let free = names.find(|name| !anchors.contains(name));
        anchors.extend(free);
    }
    anchors
}

/// What is wrong with a link of a page.
fn fault(page: &Path, link: &str) -> Option<String> {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match file {
        "" => page.to_owned(),
        _ => page.parent().expect("it lies in a directory").join(file),
    };
    if !target.exists() {
        return Some(format!("{}: there is no {link}", page.display()));
    }
    let leads = anchor.is_empty() || anchors(&target).contains(anchor);
    (!leads).then(|| format!("{}: no heading is {link}", page.display()))
}

#[test]
fn every_link_within_the_repository_leads_somewhere() {
    let mut seen = 0;
    let mut faults = Vec::new();
    for page in pages() {
        let prose = prose(&page);
        let inside = links(&prose).into_iter();
        for link in inside.filter(|link| !link.contains("://")) {
            seen += 1;
            faults.extend(fault(&page, link));
        }
    }
    assert!(seen > 50, "only {seen} links were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = repository().join("docs/plugins/contract.md");
    assert_eq!(fault(&page, "../stack.md#a-cluster"), None);
    assert_eq!(fault(&page, "#determinism-and-limits"), None);
    assert!(fault(&page, "stack.md").is_some());
    assert!(fault(&page, "../stack.md#nowhere").is_some());
}
