//! The first-party plugins, built from this workspace and embedded.
//!
//! The build script compiles each crate for `wasm32-unknown-unknown` and makes
//! a component of it; what stands here are the bytes, equal on every machine
//! that has the same compiler.

/// A first-party plugin.
#[derive(Debug, Clone, Copy)]
pub struct Component {
    /// Its name in a stack.
    pub name: &'static str,
    /// The component.
    pub wasm: &'static [u8],
}

/// All of them, by name.
pub const COMPONENTS: &[Component] = include!(concat!(env!("OUT_DIR"), "/components.rs"));
