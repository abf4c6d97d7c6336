//! `ztgit plugin dev`: builds and renders anew whenever something changes, and
//! shows what that changes in the output.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use crate::commands::options::ClusterOption;
use crate::commands::pipeline::Prepared;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::plugin::{Runtime, escaped};
use crate::stack::files::LOCK_FILE;
use crate::stack::{StackFiles, stack_directory};
use crate::tree::diff::{TreeDiff, unified};
use crate::tree::{Blob, OutputTree};

/// How often files are looked at. A library that is told of changes would have
/// to be told which directories to leave out all the same, and a plugin has few
/// files.
const EVERY: Duration = Duration::from_millis(300);
/// Directories that builds fill.
const BUILT: [&str; 6] = [
    ".git",
    ".venv",
    "__pycache__",
    "dist",
    "node_modules",
    "target",
];

/// Build a plugin and render a stack with it whenever something changes, and
/// show the difference; ends with Ctrl-C
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The stack that uses the plugin by its path
    stack: PathBuf,
    /// What builds the plugin, for a shell
    #[arg(long, value_name = "COMMAND")]
    build: String,
    /// The plugin's sources, where the build runs
    #[arg(long, value_name = "DIR", default_value = ".")]
    sources: PathBuf,
}

/// All files that count, with when they were written.
type Stamps = BTreeMap<PathBuf, (SystemTime, u64)>;

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let mut shown = Vec::new();
    let mut built: Option<Stamps> = None;
    loop {
        let stamps = stamps(args)?;
        if built.as_ref() != Some(&stamps) {
            match round(context, args, &shown) {
                Ok(outputs) => shown = outputs,
                Err(error) => context.ui.error(&error),
            }
            // What the build itself wrote is no change.
            built = Some(self::stamps(args)?);
            context.ui.note("waiting for a change");
        }
        thread::sleep(EVERY);
    }
}

/// Builds, renders and shows the difference.
fn round(
    context: &Context,
    args: &Args,
    before: &[OutputTree],
) -> Result<Vec<OutputTree>, CommandError> {
    build(args)?;
    let outputs = render(context, &args.stack)?;
    let difference = TreeDiff::between(
        before.iter().flat_map(files),
        outputs.iter().flat_map(files),
    );
    if before.is_empty() {
        let files = difference.len();
        context.ui.line(&format!("rendered {files} files"));
    } else if difference.is_empty() {
        context.ui.line("no difference");
    } else {
        for (path, change) in difference.iter() {
            context.ui.line(escaped(&unified(path, &change)).trim_end());
        }
    }
    Ok(outputs)
}

/// What people look at: not what says which files there are.
fn files(tree: &OutputTree) -> impl Iterator<Item = (&crate::tree::TreePath, Blob<'_>)> {
    let files = tree
        .iter()
        .filter(|(path, _)| !path.as_str().starts_with(".ztgit/"));
    files.map(|(path, entry)| {
        let (bytes, mode) = (entry.bytes.as_slice(), entry.mode);
        (path, Blob { bytes, mode })
    })
}

fn build(args: &Args) -> Result<(), CommandError> {
    let status = Command::new("sh")
        .args(["-c", &args.build])
        .current_dir(&args.sources)
        .status()
        .map_err(|error| {
            CommandError::new(Exit::Incomplete, format!("cannot run a shell: {error}"))
        })?;
    if status.success() {
        return Ok(());
    }
    let message = format!("`{}` ended with {status}", escaped(&args.build));
    Err(CommandError::new(Exit::Incomplete, message))
}

/// Renders the stack as it stands, whatever its lock pins: it is the plugin
/// that is changing.
fn render(context: &Context, stack: &Path) -> Result<Vec<OutputTree>, CommandError> {
    let runtime: Runtime = context.runtime();
    let files = StackFiles::read(stack)?;
    let unlocked = files.iter().filter(|(path, _)| *path != LOCK_FILE);
    let files =
        StackFiles::from_files(unlocked.map(|(path, bytes)| (path.to_owned(), bytes.to_vec())));
    let prepared = Prepared::from_files(context, stack_directory(stack), files, &runtime)?;
    let rendered = prepared.render(context, &ClusterOption::default())?;
    Ok(rendered
        .results
        .into_iter()
        .map(|output| output.tree)
        .collect())
}

fn stamps(args: &Args) -> Result<Stamps, CommandError> {
    let mut stamps = Stamps::new();
    for directory in [&args.sources, &stack_directory(&args.stack)] {
        collect(directory, &mut stamps).map_err(|error| {
            let message = format!("cannot look at {}: {error}", directory.display());
            CommandError::new(Exit::Incomplete, message)
        })?;
    }
    Ok(stamps)
}

fn collect(directory: &Path, stamps: &mut Stamps) -> std::io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            // An editor or a build may have just taken it away.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if metadata.is_dir() {
            if !BUILT.iter().any(|built| name == *built) {
                collect(&entry.path(), stamps)?;
            }
        } else if entry.path().extension().is_none_or(|end| end != "wasm") {
            stamps.insert(entry.path(), (metadata.modified()?, metadata.len()));
        }
    }
    Ok(())
}
