//! `ztgit plugin`: what there is, what it may, which bytes are pinned; and what
//! an author of one needs.

mod add;
mod candidate;
mod change;
mod check;
mod config_table;
mod description;
mod dev;
mod downgrade;
mod edit;
mod entry;
mod grant;
mod inspect;
mod list;
mod new;
mod outdated;
mod provenance;
mod push;
mod test;
mod update;

use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::context::Context;
use crate::error::{CommandError, Exit};

/// List, inspect, add, pin and publish plugins; write, check and test one.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the built-in plugins and those of the stack, with their grants
    List(list::Args),
    /// Describe a built-in plugin, one of the stack's, or a component's file
    Inspect(inspect::Args),
    /// Begin a plugin: a project that builds, with its tests
    New(new::Args),
    Check(check::Args),
    Test(test::Args),
    Dev(dev::Args),
    /// Add one to the stack: pinned, with the grants that are given
    Add(add::Args),
    /// Put a component into a registry
    Push(push::Args),
    /// Pin the components that the stack's plugins have now
    Update(update::Args),
}

#[derive(Debug, clap::Args)]
struct StackFlag {
    /// The stack: its directory, or its stack.yaml
    #[arg(long, default_value = ".")]
    stack: PathBuf,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    match &args.command {
        Command::List(args) => list::run(context, args),
        Command::Inspect(args) => inspect::run(context, args),
        Command::New(args) => new::run(context, args),
        Command::Check(args) => check::run(context, args),
        Command::Test(args) => test::run(context, args),
        Command::Dev(args) => dev::run(context, args),
        Command::Add(args) => add::run(context, args),
        Command::Push(args) => push::run(context, args),
        Command::Update(args) => update::run(context, args),
    }
}

/// The bytes of a component's file.
fn read_component(file: &Path) -> Result<Vec<u8>, CommandError> {
    crate::plan::read_component(file).map_err(|error| {
        CommandError::new(
            Exit::Incomplete,
            format!("cannot read {}: {error}", file.display()),
        )
    })
}

/// The version that a tag names, with or without a `v`.
fn version(tag: &str) -> Option<semver::Version> {
    semver::Version::parse(tag.strip_prefix('v').unwrap_or(tag)).ok()
}
