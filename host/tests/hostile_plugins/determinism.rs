//! Equal calls give equal answers.

use ztgit_plugin::Artifact;

use super::components::{misbehave, misbehaving};

fn file() -> Vec<u8> {
    let mut rendering = misbehave(misbehaving(), "nondeterminism").expect("it renders");
    match rendering.artifacts.pop() {
        Some(Artifact::File(file)) => file.content,
        other => panic!("{other:?}"),
    }
}

#[test]
pub(crate) fn hash_order_nan_bits_and_addresses_are_equal_in_a_thousand_renders() {
    let first = file();
    // WebAssembly leaves these bits open, and x86 sets the sign where ARM does not.
    let canonical = b" [7ff8000000000000, 7ff8000000000000] ";
    let found = first.windows(canonical.len()).any(|part| part == canonical);
    assert!(found, "{}", String::from_utf8_lossy(&first));
    for round in 1..1000 {
        assert_eq!(file(), first, "round {round}");
    }
}
