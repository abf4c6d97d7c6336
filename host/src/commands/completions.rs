//! `ztgit completions`

use clap::CommandFactory;

use crate::cli::Cli;
use crate::context::Context;
use crate::error::{CommandError, Exit};

/// Print completions for a shell.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

#[expect(clippy::unnecessary_wraps, reason = "all commands have one shape")]
pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "ztgit", &mut text);
    context.ui.print(&String::from_utf8_lossy(&text));
    Ok(Exit::Clean)
}
