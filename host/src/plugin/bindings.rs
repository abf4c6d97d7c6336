//! What wasmtime makes of the WIT: the only `bindgen!`.

#![allow(missing_docs, clippy::pedantic, unreachable_pub, unused_qualifications)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "renderer",
    imports: { default: trappable },
    additional_derives: [serde::Serialize, serde::Deserialize],
});
