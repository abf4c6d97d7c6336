//! Builds the first-party plugins for WebAssembly and makes components of them.
//!
//! A cargo inside cargo: it needs a target directory of its own, or it would
//! wait for the outer one's lock forever, and none of the outer one's flags.

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use wit_component::ComponentEncoder;

/// Names in a stack; the crates are `ztgit-plugin-<name>`.
const PLUGINS: [&str; 6] = [
    "cilium",
    "crowdsec",
    "gateway-tls",
    "k3s",
    "nftables",
    "wireguard",
];
const TARGET: &str = "wasm32-unknown-unknown";

fn main() {
    let out = PathBuf::from(variable("OUT_DIR"));
    let plugins = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("..");
    let workspace = plugins
        .join("..")
        .canonicalize()
        .expect("the workspace is there");

    watch(&workspace);
    ensure_target();
    let target_dir = guests_directory(&out);
    build_guests(&workspace, &target_dir);

    let mut list = String::from("&[\n");
    for name in PLUGINS {
        let module = target_dir
            .join(TARGET)
            .join("guest")
            .join(format!("ztgit_plugin_{}.wasm", name.replace('-', "_")));
        let component = out.join(format!("{name}.wasm"));
        write_if_changed(&component, &encode(&module));
        let path = component.display().to_string();
        writeln!(
            list,
            "    Component {{ name: {name:?}, wasm: include_bytes!({path:?}) }},"
        )
        .expect("a string takes all text");
    }
    list.push(']');
    write_if_changed(&out.join("components.rs"), list.as_bytes());
}

/// Beside the directories that cargo gives to build scripts: clippy and `cargo build`
/// run this one each in another of these, and the guests are the same.
fn guests_directory(out: &Path) -> PathBuf {
    let build = out.ancestors().nth(2).unwrap_or(out);
    build.join("ztgit-bundle-guests")
}

/// What the guests are made of. Cargo takes a directory to mean every file in
/// it.
fn watch(workspace: &Path) {
    for name in PLUGINS {
        println!(
            "cargo::rerun-if-changed={}",
            workspace.join("plugins").join(name).display()
        );
    }
    for path in ["plugins/sdk", "wit", "Cargo.lock", "Cargo.toml"] {
        println!("cargo::rerun-if-changed={}", workspace.join(path).display());
    }
    println!("cargo::rerun-if-changed=build.rs");
}

/// rustup installs the target with the toolchain as `rust-toolchain.toml` says,
/// unless automatic installation is switched off; then it is asked here.
fn ensure_target() {
    if has_target() {
        return;
    }
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .status();
    assert!(
        added.is_ok_and(|status| status.success()) && has_target(),
        "the Rust target {TARGET} is missing: run `rustup target add {TARGET}`"
    );
}

fn has_target() -> bool {
    let output = Command::new(variable("RUSTC"))
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .expect("rustc runs");
    output.status.success() && Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
}

fn build_guests(workspace: &Path, target_dir: &Path) {
    let mut cargo = Command::new(variable("CARGO"));
    cargo
        .current_dir(workspace)
        .args(["build", "--locked", "--target", TARGET]);
    cargo
        .args(["--profile", "guest"])
        .arg("--target-dir")
        .arg(target_dir);
    for name in PLUGINS {
        cargo.arg("--package").arg(format!("ztgit-plugin-{name}"));
    }
    // Clippy and rust-analyzer wrap the outer compiler; the guests are not
    // theirs to look at.
    for inherited in [
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTFLAGS",
        "CARGO_BUILD_TARGET",
    ] {
        cargo.env_remove(inherited);
    }
    cargo.env("CARGO_ENCODED_RUSTFLAGS", remapping(workspace));
    let status = cargo.status().expect("cargo runs");
    assert!(
        status.success(),
        "the first-party plugins do not build; see cargo's messages above"
    );
}

/// Paths of this machine would make the components differ from machine to
/// machine, and their digests stand in every commit that ztgit makes.
fn remapping(workspace: &Path) -> OsString {
    let sysroot = Command::new(variable("RUSTC"))
        .args(["--print", "sysroot"])
        .output()
        .expect("rustc runs");
    let sysroot = String::from_utf8_lossy(&sysroot.stdout).trim().to_owned();
    let home = optional("CARGO_HOME").map_or_else(
        || PathBuf::from(optional("HOME").unwrap_or_default()).join(".cargo"),
        PathBuf::from,
    );
    let mut flags = OsString::new();
    for (from, to) in [
        (workspace.as_os_str(), "/ztgit"),
        (home.as_os_str(), "/cargo"),
        (sysroot.as_ref(), "/rust"),
    ] {
        if !flags.is_empty() {
            flags.push("\x1f");
        }
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push("=");
        flags.push(to);
    }
    flags
}

fn encode(module: &Path) -> Vec<u8> {
    let bytes = fs::read(module).expect("cargo built the module");
    ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .and_then(|mut encoder| encoder.encode())
        .unwrap_or_else(|error| panic!("{} is no plugin: {error:#}", module.display()))
}

/// A file that is written anew makes everything that includes it stale.
fn write_if_changed(path: &Path, bytes: &[u8]) {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return;
    }
    fs::write(path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

fn variable(name: &str) -> OsString {
    optional(name).unwrap_or_else(|| panic!("cargo sets {name}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is configured by its environment"
)]
fn optional(name: &str) -> Option<OsString> {
    env::var_os(name)
}
