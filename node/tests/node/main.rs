//! Whole applies, on directories that stand for nodes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crash;
mod drift;
mod files;
mod fixture;
mod guard;
mod keys;
mod real;
mod settle;
mod source;
