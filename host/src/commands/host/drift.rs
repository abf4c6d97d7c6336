//! `ztgit host drift`.

use std::fs;
use std::path::{Path, PathBuf};

use ztgit_node::{Finding, Report, Verdict};

use super::RootOption;
use super::source::SourceOption;
use crate::context::Context;
use crate::error::{CommandError, Exit};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    root: RootOption,
    #[command(flatten)]
    source: SourceOption,
    /// Compare with what was applied last, without a fleet repository
    #[arg(long, conflicts_with_all = ["from", "cluster", "node", "branch"])]
    applied: bool,
    /// Judge a report that a node wrote (`--format json`), instead of this
    /// machine
    #[arg(long, value_name = "FILE", conflicts_with = "root")]
    report: Option<PathBuf>,
    /// Also write the result for node-exporter's textfile collector
    #[arg(long, value_name = "FILE")]
    textfile: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let source = if args.applied {
        None
    } else {
        Some(args.source.read(&args.root.root)?)
    };
    let report = match &args.report {
        Some(file) => {
            let bytes = read(file)?;
            ztgit_node::judge(&bytes, source.map(|source| source.manifest)).map_err(|error| {
                CommandError::new(Exit::Incomplete, crate::error::chain(&error))
                    .hint("a node writes one with `ztgit host drift --format json`")
            })?
        }
        None => args
            .root
            .with(|host| ztgit_node::drift(host, source.as_ref()))?,
    };
    if let Some(file) = &args.textfile {
        write_metrics(file, &report, context.environment.now)?;
    }
    for finding in &report.findings {
        context.ui.line(&line(finding));
    }
    let verdict = report.verdict();
    context.ui.line(&format!(
        "{}/{}: {} files, {} findings",
        report.cluster,
        report.node,
        report.files,
        report.findings.len()
    ));
    context.ui.report("HostDriftReport", &report);
    Ok(match verdict {
        Verdict::Clean => Exit::Clean,
        Verdict::Drift => Exit::Findings,
        Verdict::Unknown => Exit::Incomplete,
    })
}

fn read(file: &Path) -> Result<Vec<u8>, CommandError> {
    fs::read(file).map_err(|error| {
        CommandError::new(
            Exit::Incomplete,
            format!("cannot read {}: {error}", file.display()),
        )
    })
}

fn line(finding: &Finding) -> String {
    let kind = serde_json::to_value(finding.kind).unwrap_or_default();
    let kind = kind.as_str().unwrap_or_default();
    let mut line = format!("{kind:<13} {}", finding.subject);
    if !finding.expected.is_empty() {
        line.push_str(&format!("\n              expected {}", finding.expected));
    }
    if !finding.found.is_empty() {
        line.push_str(&format!("\n              found    {}", finding.found));
    }
    line
}

/// In the collector's format; put in place by a rename, because the collector may
/// read at any time.
fn write_metrics(file: &Path, report: &Report, now: i64) -> Result<(), CommandError> {
    let clean = u8::from(report.verdict() == Verdict::Clean);
    let text = format!(
        "# HELP ztgit_host_findings Differences between the node and the fleet repository.\n\
         # TYPE ztgit_host_findings gauge\n\
         ztgit_host_findings {}\n\
         # HELP ztgit_host_clean Whether everything is known to be as it should be.\n\
         # TYPE ztgit_host_clean gauge\n\
         ztgit_host_clean {clean}\n\
         # HELP ztgit_host_checked_seconds When that was looked at, in seconds since 1970.\n\
         # TYPE ztgit_host_checked_seconds gauge\n\
         ztgit_host_checked_seconds {now}\n",
        report.findings.len()
    );
    let failed = |error: std::io::Error| {
        CommandError::new(
            Exit::Incomplete,
            format!("cannot write {}: {error}", file.display()),
        )
    };
    let staged = file.with_extension("prom.tmp");
    fs::write(&staged, text).map_err(failed)?;
    fs::rename(&staged, file).map_err(failed)
}
