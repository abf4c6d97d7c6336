//! The `ztgit` program from outside: what it prints, how it ends, what it
//! leaves behind.
//!
//! One program for all tests, because each links the whole host. A module is
//! an area; [`environment`] gives each test a world of its own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod apps;
mod artifacts;
mod authors;
mod bootstrap;
mod budgets;
mod ci;
mod commands;
mod costs;
mod crashes;
mod credential_helpers;
mod determinism;
mod development;
mod drift;
mod drift_cluster;
mod environment;
mod explain;
mod fleets;
mod forge;
mod full_disk;
mod golden;
mod grants;
mod guards;
mod history;
mod host;
mod maintained;
mod mistakes;
mod plugin_changes;
mod plugin_pages;
mod plugins;
mod publish;
mod push;
mod races;
mod registries;
mod render;
mod repositories;
mod schema;
mod signing;
mod stacks;
mod verify;
mod yaml;
