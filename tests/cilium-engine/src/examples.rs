//! The policies in Cilium's own documentation.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use ztgit_test_support::said;

/// Every object under `examples/policies` of the module that the engine is made of, in
/// the order of the files. Needs Go, like the engine.
pub fn examples() -> Vec<Value> {
    let module = Command::new("go")
        .args(["list", "-m", "-f", "{{.Dir}}", "github.com/cilium/cilium"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("go is installed");
    assert!(module.status.success(), "go list: {}", said(&module));
    let module = String::from_utf8_lossy(&module.stdout).trim().to_owned();
    let mut files = Vec::new();
    collect(&Path::new(&module).join("examples/policies"), &mut files);
    files.sort();
    files.iter().flat_map(|file| read(file)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the module") {
        let path = entry.expect("an entry of the folder").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            files.push(path);
        }
    }
}

fn read(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).expect("a file of the module");
    let documents = text
        .split("\n---")
        .filter(|document| !document.trim().is_empty());
    let read = |document: &str| serde_saphyr::from_str(document.trim_start_matches("---"));
    documents
        .map(|document| {
            read(document).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        })
        .collect()
}
