//! `ztgit man`

use std::path::PathBuf;

use clap::CommandFactory;

use crate::cli::Cli;
use crate::context::Context;
use crate::error::{CommandError, Exit};

/// Print the manual page, or write one for each command into a directory.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to write `ztgit.1`, `ztgit-render.1`, ...
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let failed = |error: std::io::Error| {
        CommandError::new(
            Exit::Incomplete,
            format!("cannot write the manual pages: {error}"),
        )
    };
    if let Some(directory) = &args.out {
        std::fs::create_dir_all(directory).map_err(failed)?;
        clap_mangen::generate_to(Cli::command(), directory).map_err(failed)?;
        context.ui.line(&format!(
            "wrote the manual pages to {}",
            directory.display()
        ));
        return Ok(Exit::Clean);
    }
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut text)
        .map_err(failed)?;
    context.ui.print(&String::from_utf8_lossy(&text));
    Ok(Exit::Clean)
}
