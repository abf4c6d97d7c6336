//! `ztgit plugin dev`: builds and renders anew whenever something changes, and
//! shows what that changes in the output.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::commands::options::ClusterOption;
use crate::commands::pipeline::Prepared;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::plan::{Lock, LockedPlugin};
use crate::plugin::{Runtime, escaped};
use crate::stack::{StackFiles, stack_directory};
use crate::tree::diff::{TreeDiff, unified};
use crate::tree::{Blob, OutputTree, Sha256};

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

/// A file above this is no source.
const MOST_BYTES: u64 = 4 << 20;

/// All files that count, by what is in them: a build may write a file anew, and
/// an edit may come while it runs.
type Sources = BTreeMap<PathBuf, Sha256>;

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let mut shown = Vec::new();
    let mut built: Option<Sources> = None;
    loop {
        let sources = sources(args)?;
        if built.as_ref() != Some(&sources) {
            match round(context, args, &shown) {
                Ok(outputs) => shown = outputs,
                Err(error) => context.ui.error(&error),
            }
            built = Some(sources);
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

/// Renders the stack as it stands, whatever files its lock pins: it is the plugin
/// that is changing.
fn render(context: &Context, stack: &Path) -> Result<Vec<OutputTree>, CommandError> {
    let runtime: Runtime = context.runtime();
    let mut files = StackFiles::read(stack)?;
    let mut lock = Lock::of(&files)?;
    lock.plugins
        .retain(|_, pinned| matches!(pinned, LockedPlugin::Artifact(_)));
    files.set_lock(lock.to_bytes());
    let prepared = Prepared::from_files(context, stack_directory(stack), files, &runtime)?;
    let rendered = prepared.render(context, &ClusterOption::default())?;
    Ok(rendered
        .results
        .into_iter()
        .map(|output| output.tree)
        .collect())
}

fn sources(args: &Args) -> Result<Sources, CommandError> {
    let mut sources = Sources::new();
    for directory in [&args.sources, &stack_directory(&args.stack)] {
        collect(directory, &mut sources).map_err(|error| {
            let message = format!("cannot look at {}: {error}", directory.display());
            CommandError::new(Exit::Incomplete, message)
        })?;
    }
    Ok(sources)
}

fn collect(directory: &Path, sources: &mut Sources) -> std::io::Result<()> {
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
                collect(&entry.path(), sources)?;
            }
        } else if is_source(&entry.path(), &metadata) {
            match fs::read(entry.path()) {
                Ok(bytes) => sources.insert(entry.path(), Sha256::of(&bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
        }
    }
    Ok(())
}

fn is_source(path: &Path, metadata: &Metadata) -> bool {
    metadata.is_file()
        && metadata.len() <= MOST_BYTES
        && path.extension().is_none_or(|end| end != "wasm")
}
