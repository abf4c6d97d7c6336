//! Components that are cheap to have and expensive to compile.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::json;
use ztgit::name::PluginName;
use ztgit::plugin::{CompileLimits, Limits, Plugin, Runtime, Wasi};
use ztgit_test_support::{guest, guests, said};

use super::on_disk::ztgit;

/// Blocks within blocks, each with many results, and branches to each of them:
/// every branch moves all results, so the work is the product of both.
fn bomb() -> Vec<u8> {
    const BLOCKS: usize = 400;
    const RESULTS: usize = 400;
    const BRANCHES: usize = 100;
    let mut text = format!(
        "(component (core module (type $results (func (result{})))\n(func (param i32)\n",
        " i32".repeat(RESULTS)
    );
    for _ in 0..BRANCHES {
        text.push_str(&"(block (type $results)\n".repeat(BLOCKS));
        for value in 0..RESULTS {
            write!(text, "(i32.add (local.get 0) (i32.const {value}))").expect("a string grows");
        }
        text.push_str("local.get 0 br_table");
        for depth in 0..BLOCKS {
            write!(text, " {depth}").expect("a string grows");
        }
        text.push_str(&")".repeat(BLOCKS));
        text.push_str(&" drop".repeat(RESULTS));
        text.push('\n');
    }
    text.push_str(")))");
    guests::from_text(&text)
}

/// Plain code, and a lot of it: megabytes once it is compiled.
fn bulk() -> Vec<u8> {
    let stores: String = (0..200)
        .map(|place| format!("(i32.store offset={place} (local.get 0) (local.get 1))"))
        .collect();
    let functions = format!("(func (param i32 i32) {stores})\n").repeat(1000);
    guests::from_text(&format!(
        "(component (core module (memory 1)\n{functions}))"
    ))
}

/// Nothing that a test compiles comes near these.
const AMPLE: CompileLimits = CompileLimits {
    seconds: 300,
    memory: 8 << 30,
    output: 1 << 30,
};

/// What comes of a component that another process of the program compiles.
fn load(bytes: &[u8], limits: fn(usize) -> CompileLimits) -> Result<(), String> {
    let program = Path::new(env!("CARGO_BIN_EXE_ztgit"));
    let runtime = Runtime::new(Limits::default()).compiling_in(program, limits);
    let name = PluginName::new("bomb").expect("it is a DNS label");
    let loaded = Plugin::third_party(&runtime, name, bytes, None, Wasi::Refused);
    loaded
        .map(drop)
        .map_err(|error| ztgit::error::chain(&error))
}

/// Why it is refused under these limits.
fn refusal(bytes: &[u8], limits: fn(usize) -> CompileLimits) -> String {
    let error = load(bytes, limits).expect_err("it is too expensive");
    let (_, reason) = error
        .split_once(" is refused: ")
        .unwrap_or_else(|| panic!("{error}"));
    reason.to_owned()
}

fn well_behaved() -> Vec<u8> {
    fs::read(guest("well-behaved")).expect("the guest was just built")
}

#[test]
pub(crate) fn an_honest_component_is_compiled_in_another_process() {
    assert_eq!(load(&well_behaved(), CompileLimits::of), Ok(()));
}

#[test]
pub(crate) fn what_does_not_parse_is_refused_by_the_other_process_too() {
    let mut bytes = well_behaved();
    bytes.truncate(bytes.len() / 2);
    let reason = refusal(&bytes, CompileLimits::of);
    assert!(reason.starts_with("it does not compile: "), "{reason}");
}

#[test]
pub(crate) fn a_component_that_takes_the_compiler_too_long_is_refused() {
    let limits = |_| CompileLimits {
        seconds: 1,
        ..AMPLE
    };
    assert_eq!(
        refusal(&bomb(), limits),
        "compiling it takes more than 1 s of CPU time, far more than a component of its size needs"
    );
}

#[test]
pub(crate) fn a_component_that_takes_the_compiler_too_much_memory_is_refused() {
    let limits = |_| CompileLimits {
        memory: 128 << 20,
        ..AMPLE
    };
    assert_eq!(
        refusal(&bomb(), limits),
        "compiling it takes more than 128 MiB of memory, far more than a component of its size needs"
    );
}

#[test]
pub(crate) fn a_component_that_compiles_to_too_much_code_is_refused() {
    let limits = |_| CompileLimits {
        output: 1 << 20,
        ..AMPLE
    };
    assert_eq!(
        refusal(&bulk(), limits),
        "it compiles to more than 1 MiB of machine code"
    );
}

#[test]
#[ignore = "uses all the memory that compiling may take"]
pub(crate) fn a_compile_bomb_in_a_stack_ends_with_a_message_and_exit_code_5() {
    let directory = tempfile::tempdir().expect("there is a place for temporary files");
    let stack = json!({
        "apiVersion": "ztgit.dev/v1alpha1",
        "kind": "Stack",
        "metadata": {"name": "stage"},
        "spec": {
            "plugins": {"bomb": {"path": "bomb.wasm"}},
            "clusters": {"home": {"flux": {"source": {"url": "https://git.example.net/fleet.git"}}}}
        }
    });
    let root = directory.path();
    fs::write(root.join("stack.yaml"), stack.to_string()).expect("it is written");
    let bytes = bomb();
    fs::write(root.join("bomb.wasm"), &bytes).expect("it is written");
    let output = ztgit(root, &["render", "."]);
    assert_eq!(output.status.code(), Some(5), "{}", said(&output));
    let limit = CompileLimits::of(bytes.len()).memory >> 20;
    let reason = format!(" is refused: compiling it takes more than {limit} MiB of memory, ");
    let said = said(&output);
    let named = said.contains("error: plugin `bomb` (sha256:") && said.contains(&reason);
    assert!(named, "{said}");
    assert!(
        !root.join("fleet").exists() && !root.join("ztgit.lock").exists(),
        "{said}"
    );
}
