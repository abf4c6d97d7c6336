//! Precompiles the first-party plugins, so that none is compiled at run time.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

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
}

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is configured by its environment"
)]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("cargo sets {name}"))
}
