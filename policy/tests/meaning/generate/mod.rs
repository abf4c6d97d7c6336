//! Random policies, worlds and questions over a small vocabulary, so that they meet.

mod parts;
mod policies;
mod worlds;

pub(crate) use parts::selector;
pub(crate) use policies::{Care, entry, policies, policy};
pub(crate) use worlds::{pairs, questions, world};
