//! `ztgit diff`: what a render would change.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::options::{ClusterOption, RepositoryOption, StackOption};
use super::pipeline::{Prepared, changes};
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::fleet::ChangeSet;
use crate::git::{Change, EntryKind, Snapshot};
use crate::tree::diff::{self, MarkdownLayout, TreeDiff, markdown, unified};
use crate::tree::{Blob, FileMode, TreePath};
use crate::ui::Format;

/// Show what a render would change against the fleet repository.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    stack: StackOption,
    #[command(flatten)]
    repository: RepositoryOption,
    #[command(flatten)]
    clusters: ClusterOption,
    /// Exit with 1 where there are changes
    #[arg(long)]
    exit_code: bool,
    /// Most bytes of the markdown form, as forges limit comments
    #[arg(long, value_name = "BYTES", default_value_t = 60_000)]
    budget: usize,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let runtime = context.runtime();
    let prepared = Prepared::read(context, &args.stack.stack, &runtime)?;
    let repository = args.repository.open_existing()?;
    let changes = changes::foreseen(&prepared, context, &args.clusters, repository.as_ref())?;
    let snapshot = match (&repository, changes.base) {
        (Some(repository), Some(base)) => Some(repository.snapshot(base)?),
        _ => None,
    };
    let set = changes.set;
    let old = old_files(&set, snapshot.as_ref())?;
    let difference = TreeDiff::between(
        old.iter()
            .map(|(path, (bytes, mode))| (path, Blob { bytes, mode: *mode })),
        set.changes
            .iter()
            .filter_map(|(path, change)| match change {
                Change::Write { bytes, mode } => Some((path, Blob { bytes, mode: *mode })),
                Change::Stored { .. } | Change::Remove => None,
            }),
    );
    print(context, &difference, args.budget);
    let has_changes = !difference.is_empty();
    Ok(if args.exit_code && has_changes {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

fn old_files(
    set: &ChangeSet,
    snapshot: Option<&Snapshot<'_>>,
) -> Result<BTreeMap<TreePath, (Vec<u8>, FileMode)>, CommandError> {
    let mut old = BTreeMap::new();
    let Some(snapshot) = snapshot else {
        return Ok(old);
    };
    for path in set.changes.keys() {
        if let Some(listed) = snapshot.list(path.as_str())?.get(path.as_str())
            && let EntryKind::File(mode) = listed.kind
        {
            old.insert(path.clone(), (snapshot.read_blob(listed.id)?, mode));
        }
    }
    Ok(old)
}

fn print(context: &Context, difference: &TreeDiff<'_>, budget: usize) {
    match context.ui.format() {
        Format::Text => {
            for (path, change) in difference.iter() {
                context.ui.print(&unified(path, &change));
            }
            let (added, changed, removed) = counts(difference);
            context.ui.note(&format!(
                "{added} added, {changed} changed, {removed} removed"
            ));
        }
        Format::Markdown => {
            let layout = MarkdownLayout {
                budget,
                group_segments: 2,
            };
            context.ui.print(&markdown(difference, layout));
        }
        Format::Json | Format::Sarif => {
            let (added, changed, removed) = counts(difference);
            let paths: Vec<Value> = difference
                .iter()
                .map(|(path, change)| entry(path, &change))
                .collect();
            context.ui.report(
                "DiffReport",
                &json!({
                    "summary": {"added": added, "changed": changed, "removed": removed},
                    "changes": paths,
                }),
            );
        }
    }
}

fn counts(difference: &TreeDiff<'_>) -> (usize, usize, usize) {
    (
        difference.added().count(),
        difference.changed().count(),
        difference.removed().count(),
    )
}

fn entry(path: &TreePath, change: &diff::Change<'_>) -> Value {
    let kind = match change {
        diff::Change::Added(_) => "added",
        diff::Change::Removed(_) => "removed",
        diff::Change::Changed { .. } => "changed",
    };
    json!({"path": path, "change": kind, "diff": unified(path, change)})
}
