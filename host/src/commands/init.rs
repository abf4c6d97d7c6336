//! `ztgit init`: a first stack.

use std::fs;
use std::path::PathBuf;

use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::stack::files::STACK_FILE;

/// Write a commented stack of one cluster, which renders as it is.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to
    #[arg(default_value = ".")]
    directory: PathBuf,
}

const TEMPLATE: &str = include_str!("init/stack.yaml");

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let path = args.directory.join(STACK_FILE);
    let failed = |error: std::io::Error| {
        CommandError::new(
            Exit::Incomplete,
            format!("cannot write {}: {error}", path.display()),
        )
    };
    if path.exists() {
        return Err(
            CommandError::new(Exit::Usage, format!("{} is there already", path.display()))
                .hint("name another directory"),
        );
    }
    fs::create_dir_all(&args.directory).map_err(failed)?;
    fs::write(&path, TEMPLATE).map_err(failed)?;
    context.ui.line(&format!("wrote {}", path.display()));
    context.ui.note(&format!(
        "next: edit it, then `ztgit render {}`",
        args.directory.display()
    ));
    Ok(Exit::Clean)
}
