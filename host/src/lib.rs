//! ztgit turns one declarative stack into the zero-trust network of a fleet.
//!
//! ```text
//! stack -> plan -> render -> fleet -> git
//! ```
//!
//! Each stage's result is the only input of the next; an earlier stage never
//! imports a later one.

pub mod diagnostic;
pub mod name;
pub mod plugin;
pub mod stack;
pub mod tree;
