//! `ztgit host drift`.

use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use ztgit_node::{Finding, Kind, Report, Verdict};

use super::RootOption;
use super::source::SourceOption;
use crate::context::Context;
use crate::diagnostic::Severity;
use crate::error::{CommandError, Exit};
use crate::sarif;

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
            ztgit_node::judge(&bytes, source.as_ref()).map_err(|error| {
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
    context
        .ui
        .sarif(&report.findings.iter().map(sarif).collect::<Vec<_>>());
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

/// No more of a stranger's file than makes it too large to be judged.
fn read(file: &Path) -> Result<Vec<u8>, CommandError> {
    let mut bytes = Vec::new();
    let most = ztgit_node::LARGEST_REPORT + 1;
    fs::File::open(file)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|error| {
            CommandError::new(
                Exit::Incomplete,
                format!("cannot read {}: {error}", file.display()),
            )
        })?;
    Ok(bytes)
}

fn sarif(finding: &Finding) -> sarif::Finding {
    let kind = serde_json::to_value(finding.kind).unwrap_or_default();
    sarif::Finding {
        rule: format!("host-{}", kind.as_str().unwrap_or_default()),
        severity: match finding.kind {
            Kind::Unknown => Severity::Warning,
            _ => Severity::Error,
        },
        message: line(finding),
        place: Some((finding.subject.clone(), None)),
        accepted: None,
    }
}

fn line(finding: &Finding) -> String {
    let kind = serde_json::to_value(finding.kind).unwrap_or_default();
    let kind = kind.as_str().unwrap_or_default();
    let mut line = format!("{kind:<13} {}", finding.subject);
    if !finding.expected.is_empty() {
        let _ = write!(line, "\n              expected {}", finding.expected);
    }
    if !finding.found.is_empty() {
        let _ = write!(line, "\n              found    {}", finding.found);
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
    // A name that nobody can foresee: the directory may be the collector's, and
    // a link in the way would be written through.
    let directory = file.parent().unwrap_or(Path::new("."));
    let mut staged = tempfile::NamedTempFile::new_in(directory).map_err(failed)?;
    staged.write_all(text.as_bytes()).map_err(failed)?;
    let everybody_reads = fs::Permissions::from_mode(0o644);
    staged
        .as_file()
        .set_permissions(everybody_reads)
        .map_err(failed)?;
    staged.persist(file).map_err(|error| failed(error.error))?;
    Ok(())
}
