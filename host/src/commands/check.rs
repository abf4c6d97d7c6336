//! `ztgit check`: everything up to the commit.

use serde_json::json;
use ztgit_lint::{Item, State};

use super::options::{ClusterOption, StackOption};
use super::pipeline::Prepared;
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::error::{CommandError, Exit};
use crate::name::ClusterName;
use crate::render::ClusterOutput;
use crate::sarif;
use crate::tree::Sha256;
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

/// What is said of a cluster.
struct Checked {
    name: ClusterName,
    objects: usize,
    files: usize,
    digest: Sha256,
    posture: Vec<Item>,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let runtime = context.runtime();
    let prepared = Prepared::read(context, &args.stack.stack, &runtime)?;
    let checked = |output: ClusterOutput| {
        Ok(Checked {
            digest: output.tree.digest(),
            name: output.name,
            objects: output.objects,
            files: output.files,
            posture: output.posture,
        })
    };
    let rendered = prepared.try_each(context, &args.clusters, &checked)?;
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
        .map(|cluster| {
            json!({
                "name": cluster.name,
                "objects": cluster.objects,
                "files": cluster.files,
                "digest": cluster.digest,
                "posture": cluster.posture.iter().map(line_of_posture).collect::<Vec<_>>(),
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
    for cluster in &rendered.results {
        context.ui.line(&format!(
            "{}: {} objects, {} host files",
            cluster.name, cluster.objects, cluster.files
        ));
        for item in &cluster.posture {
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
