//! `ztgit drift`: what is not as the stack wants it.

use std::fmt::Write as _;

use clap::Subcommand;
use serde_json::json;

use super::options::{ClusterOption, RepositoryOption, StackOption};
use super::pipeline::Prepared;
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::drift::{Finding, Status, git_drift};
use crate::error::{CommandError, Exit};
use crate::fleet::{Provenance, newest_render};
use crate::sarif;

/// Find what is not as the stack wants it.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    where_: Where,
}

#[derive(Debug, Subcommand)]
enum Where {
    /// In the fleet repository: a fresh render against the branch's newest
    /// commit. Exits with 1 when something differs; what is only pending is a
    /// warning, unless `--strict`
    Git(GitArgs),
}

#[derive(Debug, clap::Args)]
struct GitArgs {
    #[command(flatten)]
    stack: StackOption,
    #[command(flatten)]
    repository: RepositoryOption,
    #[command(flatten)]
    clusters: ClusterOption,
    /// Let a stack that was not rendered yet count as drift too
    #[arg(long)]
    strict: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    match &args.where_ {
        Where::Git(args) => git(context, args),
    }
}

fn git(context: &Context, args: &GitArgs) -> Result<Exit, CommandError> {
    let runtime = context.runtime();
    let prepared = Prepared::read(context, &args.stack.stack, &runtime)?;
    let rendered = prepared.render(context, &args.clusters)?;
    let repository = args.repository.open()?;
    let Some(tip) = repository.tip()? else {
        return Err(CommandError::new(
            Exit::Incomplete,
            format!(
                "branch `{}` of the fleet repository has no commit",
                repository.branch()
            ),
        )
        .hint("run `ztgit render` first"));
    };
    let snapshot = repository.snapshot(tip)?;
    let newest = newest_render(&repository, tip)?;
    let ours = |provenance: &Provenance| {
        provenance.version == env!("CARGO_PKG_VERSION")
            && prepared
                .plugins
                .iter()
                .all(|plugin| provenance.plugins.get(plugin.name()) == Some(plugin.digest()))
    };
    let drift = git_drift(
        &rendered.results,
        rendered.selection,
        &snapshot,
        newest.as_ref(),
        &ours,
    )?;
    for finding in &drift.findings {
        context.ui.line(&line(finding));
    }
    let pending = drift
        .findings
        .iter()
        .filter(|f| f.status == Status::Pending)
        .count();
    let differing = drift.findings.len() - pending;
    context.ui.line(&format!(
        "{} files as rendered, {differing} not, {pending} clusters pending, at {tip}",
        drift.clean
    ));
    context.ui.report(
        "DriftReport",
        &json!({
            "revision": {"git": tip.to_string()},
            "summary": {"clean": drift.clean, "drift": differing, "pending": pending},
            "results": drift.findings,
        }),
    );
    context
        .ui
        .sarif(&drift.findings.iter().map(sarif).collect::<Vec<_>>());
    if pending > 0 {
        context
            .ui
            .warn("the stack has changes that were not rendered; run `ztgit render`");
    }
    let untrusted = drift.findings.iter().any(|f| f.status == Status::Untrusted);
    if untrusted {
        context.ui.warn("files and inventory agree with each other and not with the stack: `ztgit verify` tells which commit did it");
    }
    let dirty = differing > 0 || (args.strict && pending > 0);
    Ok(if dirty { Exit::Findings } else { Exit::Clean })
}

fn sarif(finding: &Finding) -> sarif::Finding {
    let name = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    sarif::Finding {
        rule: format!("drift-{}", name(&json!(finding.status))),
        severity: match finding.status {
            Status::Pending => Severity::Info,
            _ => Severity::Error,
        },
        message: line(finding),
        place: Some((finding.path.clone(), None)),
        accepted: None,
    }
}

fn line(finding: &Finding) -> String {
    let name = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let status = name(&json!(finding.status));
    let reason = name(&json!(finding.reason));
    let mut line = format!("{status:<9} {} ({reason})", finding.path);
    if let Some(expected) = finding.expected {
        let _ = write!(line, "\n          expected {expected}");
    }
    if let Some(found) = finding.found {
        let _ = write!(line, "\n          found    {found}");
    }
    line
}
