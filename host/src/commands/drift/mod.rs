//! `ztgit drift`: what is not as the stack wants it.

mod cluster;
mod findings;
mod git;
mod reach;
mod watch;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::sarif;

/// Find what is not as the stack wants it
///
/// Without a subcommand: in the fleet repository, and in the clusters too where
/// it is said how to reach them.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    only: Option<Only>,
    #[command(flatten)]
    git: git::Args,
    #[command(flatten)]
    reach: reach::Options,
}

#[derive(Debug, Subcommand)]
enum Only {
    /// In the fleet repository: a fresh render against the branch's newest
    /// commit. Exits with 1 when something differs; what is only pending is a
    /// warning, unless `--strict`
    Git(git::Args),
    /// In the clusters: what each has against the commit that Flux applied
    /// there. Exits with 1 when something differs, with 3 when something could
    /// not be compared
    Cluster(Box<cluster::Args>),
}

/// What one side found.
struct Judged {
    kind: &'static str,
    report: Value,
    sarif: Vec<sarif::Finding>,
    exit: Exit,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let judged = match &args.only {
        Some(Only::Git(args)) => git::judge(context, args)?,
        Some(Only::Cluster(args)) if args.watch.is_asked_for() => {
            return watch::run(context, args);
        }
        Some(Only::Cluster(args)) => cluster::judge(context, args)?,
        None if args.reach.is_configured() => everywhere(context, &args.git, &args.reach)?,
        None => git::judge(context, &args.git)?,
    };
    context.ui.report(judged.kind, &judged.report);
    context.ui.sarif(&judged.sarif);
    Ok(judged.exit)
}

/// Both sides, one after the other; the worse of the two counts.
fn everywhere(
    context: &Context,
    args: &git::Args,
    reach: &reach::Options,
) -> Result<Judged, CommandError> {
    let git = git::judge(context, args)?;
    let clusters = cluster::judge(context, &cluster::Args::beside(args, reach))?;
    let severity = |exit: &Exit| match exit {
        Exit::Clean => 0,
        Exit::Findings => 1,
        Exit::Usage | Exit::Plugin => 2,
        Exit::Incomplete => 3,
        Exit::Trust => 4,
    };
    let mut sarif = git.sarif;
    sarif.extend(clusters.sarif);
    Ok(Judged {
        kind: "FleetDriftReport",
        report: json!({"git": git.report, "clusters": clusters.report}),
        sarif,
        exit: [git.exit, clusters.exit]
            .into_iter()
            .max_by_key(severity)
            .expect("there are two"),
    })
}
