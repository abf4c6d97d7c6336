//! The `ztgit` program from outside: what it prints, how it ends, what it
//! leaves behind.
//!
//! One program for all tests, because each links the whole host. A module is
//! an area; [`environment`] gives each test a world of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod budgets;
mod commands;
mod determinism;
mod drift;
mod environment;
mod explain;
mod golden;
mod guards;
mod host;
mod maintained;
mod mistakes;
mod plugins;
mod push;
mod render;
mod repositories;
mod schema;
mod stacks;
mod verify;
mod yaml;
