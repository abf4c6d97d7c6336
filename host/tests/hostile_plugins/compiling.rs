//! Components that are cheap to have and expensive to compile.

use std::fmt::Write as _;
use std::path::Path;

use ztgit::name::PluginName;
use ztgit::plugin::{Limits, Plugin, Runtime, Wasi};
use ztgit_test_support::{guest, guests};

/// A runtime as the program has it: strangers' components are compiled by
/// another process of the program.
pub(crate) fn runtime() -> Runtime {
    Runtime::new(Limits::default()).compiling_in(Path::new(env!("CARGO_BIN_EXE_ztgit")))
}

/// Blocks within blocks, each with many results, and branches to each of them:
/// every branch moves all results, so the work is the product of both.
pub(crate) fn bomb() -> Vec<u8> {
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

fn load(bytes: &[u8]) -> Result<(), String> {
    let runtime = runtime();
    let name = PluginName::new("bomb").expect("it is a DNS label");
    let loaded = Plugin::third_party(&runtime, name, bytes, None, Wasi::Refused);
    loaded
        .map(drop)
        .map_err(|error| ztgit::error::chain(&error))
}

#[test]
pub(crate) fn an_honest_component_is_compiled_in_another_process() {
    let bytes = std::fs::read(guest("well-behaved")).expect("the guest was just built");
    assert_eq!(load(&bytes), Ok(()));
}

#[test]
pub(crate) fn what_does_not_parse_is_refused_by_the_other_process_too() {
    let mut bytes = std::fs::read(guest("well-behaved")).expect("the guest was just built");
    bytes.truncate(bytes.len() / 2);
    let error = load(&bytes).expect_err("half a component is none");
    assert!(error.contains("it does not compile: "), "{error}");
}

#[test]
#[ignore = "uses all the time or memory that compiling may take"]
pub(crate) fn a_compile_bomb_ends_with_a_message() {
    let error = load(&bomb()).expect_err("it is too expensive");
    assert!(
        error.contains("is refused: compiling it takes more than "),
        "{error}"
    );
}
