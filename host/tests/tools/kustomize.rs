//! Directories that Flux builds, built by kustomize.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use ztgit_test_support::{require_tool, said};

use crate::rendered::{Place, Rendered};

const KUSTOMIZATION: &str = "kustomization.yaml";

/// What kustomize makes of a directory.
fn built(kustomize: &Path, directory: &Place) -> Vec<String> {
    let output = Command::new(kustomize)
        .arg("build")
        .arg(&directory.path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{directory}: {}", said(&output));
    objects(&String::from_utf8(output.stdout).unwrap())
}

/// Every object of every file in a directory, listed or not.
fn written(directory: &Place) -> Vec<String> {
    let mut files = directory.files_below();
    files.retain(|name| name != KUSTOMIZATION);
    let text = |name| std::fs::read_to_string(directory.path.join(name)).unwrap();
    let mut objects: Vec<String> = files.iter().flat_map(|name| objects(&text(name))).collect();
    assert_eq!(objects.len(), files.len(), "{directory}: one object a file");
    objects.sort();
    objects
}

/// The documents of a stream as canonical JSON, sorted.
fn objects(yaml: &str) -> Vec<String> {
    let options = serde_saphyr::options! { budget: None };
    let documents: Vec<Value> = serde_saphyr::from_multiple_with_options(yaml, options).unwrap();
    let mut objects: Vec<String> = documents.iter().map(Value::to_string).collect();
    objects.sort();
    objects
}

#[test]
fn kustomize_builds_every_directory_into_the_objects_that_are_in_it() {
    let Some(kustomize) = require_tool("kustomize") else {
        return;
    };
    for directory in Rendered::stacks().directories_with(KUSTOMIZATION) {
        let built = built(&kustomize, &directory);
        assert!(!built.is_empty(), "{directory} is empty");
        assert_eq!(built, written(&directory), "{directory}");
    }
}

#[test]
fn every_flux_kustomization_names_a_directory_that_kustomize_builds() {
    let Some(kustomize) = require_tool("kustomize") else {
        return;
    };
    let rendered = Rendered::stacks();
    let directories = rendered.directories_with(KUSTOMIZATION);
    let names: Vec<String> = directories.iter().map(ToString::to_string).collect();
    let clusters = directories
        .iter()
        .filter(|directory| directory.to_string().contains("/clusters/"));
    let mut pointed: Vec<String> = Vec::new();
    for cluster in clusters {
        let stack = cluster.to_string().split('/').next().unwrap().to_owned();
        for object in built(&kustomize, cluster) {
            let object: Value = serde_json::from_str(&object).unwrap();
            assert_eq!(object["kind"], "Kustomization", "{cluster}");
            let path = object["spec"]["path"]
                .as_str()
                .unwrap()
                .trim_start_matches("./");
            pointed.push(format!("{stack}/{path}"));
        }
    }
    pointed.sort();
    let units: Vec<&String> = names
        .iter()
        .filter(|name| name.contains("/rendered/"))
        .collect();
    assert_eq!(pointed.iter().collect::<Vec<_>>(), units);
}
