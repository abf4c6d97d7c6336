//! Where a guest was when it failed, as far as it has names.

use wasmtime::WasmBacktrace;

use super::error::escaped;

/// Frames that are shown.
const FRAMES: usize = 16;
/// What stands between a panic and whoever caused it.
const MACHINERY: [&str; 4] = [
    "__rustc::",
    "std::panicking::",
    "std::sys::",
    "core::panicking::",
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
        // Names of other languages stay as they are; a hash says nothing.
        .map(|name| escaped(&format!("{:#}", rustc_demangle::demangle(name))))
        .skip_while(|name| MACHINERY.iter().any(|begin| name.starts_with(begin)))
        .take(FRAMES)
        .collect()
}
