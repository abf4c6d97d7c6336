//! Checks of what is about to be written.

pub mod objects;
pub mod secrets;
