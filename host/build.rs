//! Precompiles the first-party plugins, so that none is compiled at run time, and
//! lists the files that `ztgit plugin new` writes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use wasmtime::Engine;

#[path = "src/plugin/engine_config.rs"]
mod engine_config;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/plugin/engine_config.rs");
    let out = PathBuf::from(variable("OUT_DIR"));
    let mut config = engine_config::engine_config();
    // A named target keeps this machine's own instructions out: the program
    // may run on another.
    config
        .target(&variable("TARGET"))
        .expect("wasmtime compiles for this target");
    let engine = Engine::new(&config).expect("the engine's settings are consistent");

    let mut list = String::from("&[\n");
    for component in ztgit_bundle::COMPONENTS {
        let compiled = engine
            .precompile_component(component.wasm)
            .unwrap_or_else(|error| panic!("{} does not compile: {error:#}", component.name));
        let path = out.join(format!("{}.cwasm", component.name));
        fs::write(&path, compiled).expect("OUT_DIR is writable");
        let digest: [u8; 32] = Sha256::digest(component.wasm).into();
        let (name, path) = (component.name, path.display().to_string());
        writeln!(
            list,
            "    FirstParty {{ name: {name:?}, digest: {digest:?}, compiled: include_bytes!({path:?}) }},"
        )
        .expect("a string takes all text");
    }
    list.push(']');
    fs::write(out.join("first_party.rs"), list).expect("OUT_DIR is writable");
    embed(&["data/templates"], &out.join("projects.rs"));
    embed(
        &["data/templates/sdk", "../plugins/sdk"],
        &out.join("sdk.rs"),
    );
}

/// Lists the files of directories as templates; of two of one name the first
/// counts.
fn embed(directories: &[&str], list: &Path) {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR"));
    let mut files = BTreeMap::new();
    for directory in directories.iter().rev() {
        println!("cargo::rerun-if-changed={directory}");
        collect(&root.join(directory), "", &mut files);
    }
    let mut text = String::from("&[\n");
    for (name, path) in files {
        let path = path.display().to_string();
        writeln!(
            text,
            "    Template {{ path: {name:?}, content: include_bytes!({path:?}) }},"
        )
        .expect("a string takes all text");
    }
    text.push(']');
    fs::write(list, text).expect("OUT_DIR is writable");
}

/// All files below a directory but what a build left there.
fn collect(directory: &Path, prefix: &str, files: &mut BTreeMap<String, PathBuf>) {
    for entry in fs::read_dir(directory).expect("the repository is readable") {
        let path = entry.expect("the repository is readable").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let inner = format!("{prefix}{name}");
        if ["target", "node_modules", "plugin.wasm"].contains(&&*name) {
            continue;
        }
        if path.is_dir() {
            collect(&path, &format!("{inner}/"), files);
        } else {
            files.insert(inner, path);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is configured by its environment"
)]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
