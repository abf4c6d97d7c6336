//! `ztgit drift git`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::json;

use super::Judged;
use crate::commands::options::{ClusterOption, RepositoryOption, StackOption};
use crate::commands::pipeline::Prepared;
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::drift::{Finding, GitDrift, Status, cluster_drift};
use crate::error::{CommandError, Exit};
use crate::fleet::{Provenance, inventories, newest_render};
use crate::sarif;

#[derive(Debug, clap::Args)]
// Beside the arguments of bare `drift`, whose group has the same name.
#[group(skip)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) stack: StackOption,
    #[command(flatten)]
    pub(super) repository: RepositoryOption,
    #[command(flatten)]
    pub(super) clusters: ClusterOption,
    /// Let what is only pending count as drift too
    #[arg(long)]
    pub(super) strict: bool,
}

pub(super) fn judge(context: &Context, args: &Args) -> Result<Judged, CommandError> {
    let runtime = context.runtime();
    let prepared = Prepared::read(context, &args.stack.stack, &runtime)?;
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
    let is_ours = newest.as_ref().is_some_and(ours);
    let inventories = inventories(&snapshot)?;
    let readers = repository.readers();
    let compared = prepared.each(context, &args.clusters, &|output| {
        readers.with(|reader| {
            let (inventory, snapshot) = (inventories.get(&output.name), reader.snapshot(tip)?);
            let drift = cluster_drift(&output, inventory, &snapshot, is_ours)?;
            Ok((output.name, drift))
        })
    })?;
    let mut drift = GitDrift::default();
    let mut rendered = BTreeSet::new();
    for (name, found) in compared.results {
        rendered.insert(name);
        drift.merge(found);
    }
    let drift = drift.conclude(&rendered, compared.selection, &inventories, &snapshot)?;
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
    Ok(Judged {
        kind: "DriftReport",
        report: json!({
            "revision": {"git": tip.to_string()},
            "summary": {"clean": drift.clean, "drift": differing, "pending": pending},
            "results": drift.findings,
        }),
        sarif: drift.findings.iter().map(sarif).collect(),
        exit: if dirty { Exit::Findings } else { Exit::Clean },
    })
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
