//! What every engine is configured with, but for where memory is from. The build
//! script, which precompiles the first-party components, includes this file too: what
//! it compiles fits what the program loads only while both agree.

use wasmtime::Config;

/// Bytes of stack for WebAssembly; deep recursion ends here.
pub(crate) const STACK_BYTES: usize = 1 << 20;

/// Settings under which equal calls give equal results on every machine, and
/// every call ends.
pub(crate) fn engine_config() -> Config {
    let mut config = Config::new();
    config
        .wasm_component_model(true)
        // The bits of a NaN and the relaxed instructions are where WebAssembly
        // lets machines differ.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        // Fuel decides; the epoch is the backstop by the wall clock.
        .consume_fuel(true)
        .epoch_interruption(true)
        .max_wasm_stack(STACK_BYTES)
        // Calls are synchronous; nothing of the host is async.
        .concurrency_support(false);
    config
}
