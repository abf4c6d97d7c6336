//! The maintained homelab stack, rendered, against the tree that is checked in
//! under `tests/golden/homelab`, so that a review shows what a change of a
//! plugin does. `UPDATE_GOLDEN=1` writes that tree anew.
//!
//! What is large and comes from elsewhere, `CustomResourceDefinition`s and the
//! inventory of everything, is there as a digest only.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use similar::TextDiff;
use ztgit::tree::Sha256;

use crate::environment::{TestEnvironment, files_below};
use crate::stacks::HOMELAB;

/// Where the digests of left out files are listed.
const DIGESTS: &str = "left-out.txt";

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/homelab")
}

fn is_left_out(path: &str) -> bool {
    path.contains("/customresourcedefinition.") || path.starts_with(".ztgit/inventory/")
}

/// The rendered files as they are checked in.
fn rendered() -> BTreeMap<String, Vec<u8>> {
    let env = TestEnvironment::new();
    env.run(&["render", HOMELAB, "--out", "plain"])
        .expect_exit(0);
    let (left_out, mut kept): (BTreeMap<_, _>, BTreeMap<_, _>) = files_below(&env.path("plain"))
        .into_iter()
        .partition(|(path, _)| is_left_out(path));
    let mut digests = String::new();
    for (path, bytes) in left_out {
        writeln!(digests, "{} {path}", Sha256::of(&bytes)).unwrap();
    }
    kept.insert(DIGESTS.to_owned(), digests.into_bytes());
    kept
}

#[test]
fn the_homelab_renders_as_it_did() {
    let rendered = rendered();
    if is_update_wanted() {
        return update(&rendered);
    }
    let expected = files_below(&golden());
    let mut differences = String::new();
    for path in rendered
        .keys()
        .chain(expected.keys())
        .collect::<std::collections::BTreeSet<_>>()
    {
        let text = |files: &BTreeMap<String, Vec<u8>>| {
            files
                .get(path)
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
                .unwrap_or_default()
        };
        if rendered.get(path) != expected.get(path) {
            let (before, after) = (text(&expected), text(&rendered));
            let diff = TextDiff::from_lines(&before, &after);
            writeln!(differences, "{}", diff.unified_diff().header(path, path)).unwrap();
        }
    }
    assert!(
        differences.is_empty(),
        "{differences}\nif this is meant, write the tree anew: UPDATE_GOLDEN=1 cargo test -p ztgit golden"
    );
}

#[expect(
    clippy::disallowed_methods,
    reason = "how a developer asks for an update"
)]
fn is_update_wanted() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

fn update(files: &BTreeMap<String, Vec<u8>>) {
    let directory = golden();
    if directory.exists() {
        fs::remove_dir_all(&directory).unwrap();
    }
    for (path, bytes) in files {
        let path = directory.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}
