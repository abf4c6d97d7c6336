//! ztgit turns one declarative stack into the zero-trust network of a fleet.
//!
//! ```text
//! stack -> plan -> render -> fleet -> git
//! ```
//!
//! Each stage's result is the only input of the next; an earlier stage never
//! imports a later one.

mod abandoned;
pub mod cache;
pub mod check;
pub mod cli;
mod commands;
pub mod context;
pub mod diagnostic;
pub mod drift;
pub mod error;
pub mod fleet;
pub mod flux;
pub mod git;
pub mod name;
pub mod plan;
pub mod plugin;
pub mod registry;
pub mod render;
pub mod reuse;
pub mod sarif;
pub mod stack;
pub mod tree;
pub mod trial;
pub mod ui;
pub mod verify;
