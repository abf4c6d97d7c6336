//! `ztgit host plan`.

use ztgit_node::{Action, Diff, Held, PlannedChange};

use super::RootOption;
use super::source::SourceOption;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::plugin::escaped;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    root: RootOption,
    #[command(flatten)]
    source: SourceOption,
    /// Exit with 1 when something would change
    #[arg(long)]
    exit_code: bool,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let source = args.source.read(&args.root.root)?;
    let plan = args.root.with(|host| ztgit_node::plan(host, &source))?;
    print(context, &plan.changes, &plan.held, &plan.activation);
    if plan.changes.is_empty() {
        context.ui.line("nothing would change");
    }
    context.ui.report("HostPlan", &plan);
    let differs = args.exit_code && !plan.changes.is_empty();
    Ok(if differs { Exit::Findings } else { Exit::Clean })
}

/// Files, what is kept back, and what takes effect.
pub(super) fn print(
    context: &Context,
    changes: &[PlannedChange],
    held: &[Held],
    activation: &[String],
) {
    for change in changes {
        context
            .ui
            .line(&format!("{:<11} {}", verb(change.action), change.path));
        match &change.diff {
            Diff::Unified(text) => {
                for line in text.lines() {
                    context.ui.line(&format!("    {}", escaped(line)));
                }
            }
            Diff::Foreign => context
                .ui
                .line("    what is there now was not rendered, and is not shown"),
            Diff::Same => {}
        }
    }
    for kept in held {
        context
            .ui
            .line(&format!("kept back   {}: {}", kept.path, kept.reason));
    }
    for step in activation {
        context.ui.line(&format!("then        {step}"));
    }
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Change => "change",
        Action::Permissions => "permissions",
        Action::Remove => "remove",
    }
}
