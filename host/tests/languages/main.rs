//! Plugins in other languages: each built from nothing by its own toolchain, with
//! the commands of its README and its page, and then rendered. All of it is slow and needs a
//! registry: `cargo test --workspace --test languages -- --ignored --nocapture`.

mod begun;
mod figures;
mod javascript;
mod project;
mod python;
mod rendered;
