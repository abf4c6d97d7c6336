//! `ztgit check`: everything up to the commit.

use serde_json::json;
use ztgit_lint::{Item, State};

use super::options::{ClusterOption, StackOption};
use super::pipeline::Prepared;
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::error::{CommandError, Exit};
use crate::sarif;
use crate::ui::Ui;

/// Load, plan, render and check a stack. Nothing is written. Exits with 0 when
/// there are no errors, 2 when the stack has some, 5 when a plugin fails.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    stack: StackOption,
    #[command(flatten)]
    clusters: ClusterOption,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let runtime = context.runtime();
    let prepared = Prepared::read(context, &args.stack.stack, &runtime)?;
    let rendered = prepared.try_render(context, &args.clusters)?;
    context
        .ui
        .diagnostics(&rendered.diagnostics, &prepared.outline.sources);
    context.ui.sarif(&sarif::of_diagnostics(
        &rendered.diagnostics,
        &prepared.outline.sources,
    ));
    let clusters: Vec<_> = rendered
        .results
        .iter()
        .map(|output| {
            json!({
                "name": output.name,
                "objects": output.objects,
                "files": output.files,
                "digest": output.tree.digest(),
                "posture": output.posture.iter().map(line_of_posture).collect::<Vec<_>>(),
            })
        })
        .collect();
    let count = |severity| rendered.diagnostics.count(severity);
    let accepted = rendered.diagnostics.accepted().count();
    context.ui.report(
        "CheckReport",
        &json!({
            "stack": prepared.outline.name,
            "summary": {
                "errors": count(Severity::Error),
                "warnings": count(Severity::Warning),
                "accepted": accepted,
            },
            "clusters": clusters,
            "findings": Ui::findings(&rendered.diagnostics, &prepared.outline.sources),
        }),
    );
    if let Some(failure) = rendered.failure() {
        let message = failure.message.replace("; nothing was written", "");
        return Err(CommandError::new(failure.exit, message));
    }
    for output in &rendered.results {
        context.ui.line(&format!(
            "{}: {} objects, {} host files",
            output.name, output.objects, output.files
        ));
        for item in &output.posture {
            let Item {
                group,
                name,
                state,
                why,
            } = item;
            context
                .ui
                .line(&format!("  {group:<9} {state:<4} {name}: {why}"));
        }
    }
    for finding in rendered.diagnostics.accepted() {
        let reason = finding.accepted.as_deref().unwrap_or_default();
        context.ui.line(&format!(
            "accepted {}: {} ({reason})",
            finding.code, finding.message
        ));
    }
    let warnings = count(Severity::Warning);
    context.ui.line(&match warnings {
        0 => "no problems".to_owned(),
        1 => "no errors, 1 warning".to_owned(),
        several => format!("no errors, {several} warnings"),
    });
    Ok(Exit::Clean)
}

fn line_of_posture(item: &Item) -> serde_json::Value {
    json!({
        "group": item.group.to_string(),
        "name": item.name,
        "state": match item.state {
            State::Pass => "pass",
            State::Fail => "fail",
            State::CannotTell => "unknown",
        },
        "why": item.why,
    })
}
