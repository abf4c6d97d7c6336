//! One file a subcommand: its arguments and what it does.

pub(crate) mod bootstrap;
pub(crate) mod cache;
pub(crate) mod check;
pub(crate) mod compile_component;
pub(crate) mod completions;
pub(crate) mod diff;
pub(crate) mod drift;
pub(crate) mod explain;
pub(crate) mod host;
mod identity;
pub(crate) mod init;
pub(crate) mod man;
mod options;
mod pipeline;
pub(crate) mod plugin;
pub(crate) mod publish;
mod push;
pub(crate) mod render;
pub(crate) mod schema;
mod shard;
pub(crate) mod show;
mod signing_key;
mod stack_file;
pub(crate) mod verify;
