#!/bin/sh -eu
# Builds plugin.wasm.
cd "$(dirname "$0")"
target=${CARGO_TARGET_DIR:-target}
cargo build --release --lib --target wasm32-unknown-unknown
cargo run --release --bin componentize "$target/wasm32-unknown-unknown/release/contacts.wasm" plugin.wasm
