//! `ztgit cache`: what earlier runs worked out.

use std::fs;
use std::io;
use std::path::Path;

use clap::Subcommand;
use serde_json::json;

use crate::context::Context;
use crate::error::{CommandError, Exit};

/// Show or clear what earlier runs worked out. It is never needed: what is not there
/// is worked out again.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Clone, Copy, Subcommand)]
enum Action {
    /// Show where it is and how much there is
    Info,
    /// Remove it
    Clear,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let Some(cache) = &context.environment.cache else {
        return Err(
            CommandError::new(Exit::Usage, "there is no cache directory")
                .hint("set `XDG_CACHE_HOME` or `HOME`, and leave `--no-cache` out"),
        );
    };
    let directory = cache.join("ztgit");
    match args.action {
        Action::Info => info(context, &directory),
        Action::Clear => clear(context, &directory),
    }
}

fn info(context: &Context, directory: &Path) -> Result<Exit, CommandError> {
    let bytes = bytes_below(directory).map_err(|error| {
        let message = format!("cannot read {}: {error}", directory.display());
        CommandError::new(Exit::Incomplete, message)
    })?;
    let answers = context.store().map_or(0, |store| store.size().answers);
    context.ui.line(&format!(
        "{}: {answers} answers, {} kB with compiled and fetched plugins",
        directory.display(),
        bytes / 1000
    ));
    context.ui.report(
        "CacheReport",
        &json!({"directory": directory, "answers": answers, "bytes": bytes}),
    );
    Ok(Exit::Clean)
}

/// Of all files, those that are not used any more with them.
fn bytes_below(directory: &Path) -> io::Result<u64> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut bytes = 0;
    for entry in entries {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() {
            bytes_below(&entry.path())?
        } else {
            metadata.len()
        };
    }
    Ok(bytes)
}

fn clear(context: &Context, directory: &Path) -> Result<Exit, CommandError> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(CommandError::new(
                Exit::Incomplete,
                format!("cannot remove {}: {error}", directory.display()),
            ));
        }
        _ => {}
    }
    context
        .ui
        .line(&format!("{} is empty", directory.display()));
    context.ui.report(
        "CacheReport",
        &json!({"directory": directory, "answers": 0, "bytes": 0}),
    );
    Ok(Exit::Clean)
}
