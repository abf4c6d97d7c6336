//! Plugins of every language, each built from nothing by its own toolchain: with the
//! commands of its README, and as the pages for authors say. All of it is slow and needs
//! registries: `cargo test --workspace --test languages -- --ignored --nocapture`.

mod begun;
mod figures;
mod javascript;
mod page;
mod project;
mod python;
mod rendered;
mod rust;
mod workshop;
