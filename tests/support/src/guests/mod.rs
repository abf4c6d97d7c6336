//! Guests built from the sources under `tests/components/`.
//!
//! A name goes in, the path of a component comes out. A name is that of a
//! crate; of a file under `raw/`, instructions that fill the frame of a plugin;
//! or of a file under `text/`, WebAssembly as it stands. The crates are built
//! once a process, in a target directory of their own: with the outer cargo's
//! they would wait for its lock for ever.

mod encode;
mod rust;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fs, process};

use crate::directory::scratch;

/// The component of a guest.
pub fn guest(name: &str) -> PathBuf {
    let sources = sources();
    let bytes = if sources.join(name).join("Cargo.toml").is_file() {
        static MODULES: OnceLock<PathBuf> = OnceLock::new();
        let modules = MODULES.get_or_init(|| rust::build(&sources));
        encode::component(&rust::module(modules, name))
    } else if is_text(name) {
        encode::text(&read(&sources.join("text").join(format!("{name}.wat"))))
    } else {
        encode::raw(
            &read(&sources.join("raw").join(format!("{name}.wat"))),
            str::to_owned,
        )
    };
    store(&format!("{name}.wasm"), &bytes)
}

/// A guest of `raw/` for another world: both the WIT and its instructions go
/// through `edit`.
pub fn raw_guest_of(name: &str, edit: impl Fn(&str) -> String) -> Vec<u8> {
    encode::raw(
        &read(&sources().join("raw").join(format!("{name}.wat"))),
        edit,
    )
}

/// A guest of a published version of the interface, from a WIT and instructions
/// of its own that do not move with those of the repository.
pub fn published_guest(version: &str) -> Vec<u8> {
    let directory = sources().join("published").join(version);
    encode::of_world(
        &read(&directory.join("plugin.wit")),
        &read(&directory.join("guest.wat")),
    )
}

/// WebAssembly from its text.
pub fn from_text(text: &str) -> Vec<u8> {
    encode::text(text)
}

/// The component of a crate that is a workspace of its own, somewhere else.
pub fn rust_guest(directory: &Path, name: &str) -> PathBuf {
    let modules = rust::build(directory);
    store(
        &format!("{name}.wasm"),
        &encode::component(&rust::module(&modules, name)),
    )
}

fn is_text(name: &str) -> bool {
    sources().join("text").join(format!("{name}.wat")).is_file()
}

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../components")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Several tests may want one guest at a time, so the file appears whole.
fn store(file: &str, bytes: &[u8]) -> PathBuf {
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let path = scratch("components").join(file);
    let temporary = path.with_extension(format!("{}-{count}", process::id()));
    fs::write(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, &path))
        .expect("the scratch directory is writable");
    path
}
