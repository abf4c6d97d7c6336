//! Crates for `wasm32-unknown-unknown`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::directory::scratch;

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds every library of a workspace; comes back with the directory of its
/// modules. Its own `Cargo.lock` holds, and nothing of the outer build's flags.
#[expect(
    clippy::disallowed_methods,
    reason = "cargo tells its tests where it is"
)]
pub(super) fn build(workspace: &Path) -> PathBuf {
    let target_directory = scratch("guests");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(workspace)
        .args(["build", "--locked", "--release", "--lib", "--workspace"]);
    command
        .args(["--quiet", "--target", TARGET])
        .arg("--target-dir")
        .arg(&target_directory);
    for inherited in [
        "CARGO_BUILD_TARGET",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_TARGET_DIR",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTFLAGS",
    ] {
        command.env_remove(inherited);
    }
    let output = command.output().expect("cargo runs");
    assert!(
        output.status.success(),
        "the guests of {} do not build:\n{}",
        workspace.display(),
        crate::said(&output)
    );
    target_directory.join(TARGET).join("release")
}

/// The module of a crate.
pub(super) fn module(modules: &Path, name: &str) -> Vec<u8> {
    let path = modules.join(format!("{}.wasm", name.replace('-', "_")));
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
