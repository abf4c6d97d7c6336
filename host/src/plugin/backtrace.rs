//! Where a guest was when it failed, as far as it has names.

use wasmtime::WasmBacktrace;

use super::error::escaped;

/// Frames that are shown.
const FRAMES: usize = 16;
/// What stands between a panic and whoever caused it.
const MACHINERY: [&str; 6] = [
    "core::panicking",
    "rust_begin_unwind",
    "__rust",
    "std::panicking",
    "std::sys",
    "std::alloc",
];

/// The functions that were running, the innermost first. A guest without names
/// has none.
pub(super) fn functions(error: &wasmtime::Error) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else {
        return Vec::new();
    };
    backtrace
        .frames()
        .iter()
        .filter_map(|frame| frame.func_name())
        .map(|name| escaped(without_hash(name)))
        .skip_while(|name| is_machinery(name))
        .take(FRAMES)
        .collect()
}

fn is_machinery(name: &str) -> bool {
    let name = name.trim_start_matches(['_', '<']);
    MACHINERY
        .iter()
        .any(|begin| name.starts_with(begin.trim_start_matches('_')))
}

/// Rust's names end in a hash that says nothing.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once("::h") {
        Some((path, hash)) if hash.len() == 16 && hash.bytes().all(|b| b.is_ascii_hexdigit()) => {
            path
        }
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_without_its_hash() {
        assert_eq!(
            without_hash("contacts::list::h0123456789abcdef"),
            "contacts::list"
        );
        assert_eq!(without_hash("contacts::halt"), "contacts::halt");
    }

    #[test]
    fn what_rust_does_in_order_to_panic_is_left_out() {
        assert!(is_machinery("core::panicking::panic_fmt"));
        assert!(is_machinery("__rustc::rust_begin_unwind"));
        assert!(!is_machinery("contacts::render"));
    }
}
