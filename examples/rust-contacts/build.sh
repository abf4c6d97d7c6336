#!/bin/sh -eu
# Builds target/contacts.wasm, the plugin.
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-target}
cargo build --release --lib --target wasm32-unknown-unknown
cargo run --release --bin componentize "$target/wasm32-unknown-unknown/release/contacts.wasm" "$target/contacts.wasm"
