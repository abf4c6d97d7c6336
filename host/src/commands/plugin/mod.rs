//! `ztgit plugin`: what there is, what it may, which bytes are pinned; and what
//! an author of one needs.

mod candidate;
mod check;
mod config_table;
mod description;
mod dev;
mod inspect;
mod list;
mod new;
mod test;
mod update;

use std::path::PathBuf;

use clap::Subcommand;

use crate::context::Context;
use crate::error::{CommandError, Exit};

/// List, inspect and pin plugins; write, check and test one.
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
        Command::Update(args) => update::run(context, args),
    }
}
