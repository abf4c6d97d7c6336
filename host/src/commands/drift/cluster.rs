//! `ztgit drift cluster`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::json;
use ztgit_cluster::report::{FleetReport, Outcome, Strictness};
use ztgit_cluster::{Access, Mode, Options, Revision, Target, Verification};

use super::watch::Watch;
use super::{Judged, findings, git, reach};
use crate::commands::options::{ClusterOption, RepositoryOption};
use crate::context::Context;
use crate::drift::applied;
use crate::error::{CommandError, Exit};
use crate::fleet::inventories;
use crate::git::FleetRepository;
use crate::name::ClusterName;
use crate::stack::{self, StackFiles};

#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// The stack whose clusters these are; without one the clusters that the
    /// newest commit of the fleet repository has
    stack: Option<PathBuf>,
    #[command(flatten)]
    repository: RepositoryOption,
    /// Bring what the remote has first: Flux may be at a commit that is not here
    #[arg(long, value_name = "REMOTE", num_args = 0..=1, require_equals = true, default_missing_value = "origin")]
    fetch: Option<String>,
    #[command(flatten)]
    clusters: ClusterOption,
    /// Let what is only pending count as drift too
    #[arg(long)]
    strict: bool,
    /// Trust no source of Flux's that takes unsigned commits
    #[arg(long)]
    require_verification: bool,
    #[command(flatten)]
    reach: reach::Options,
    #[command(flatten)]
    pub(super) watch: Watch,
}

impl Args {
    /// The same clusters as those of `drift git`.
    pub(super) fn beside(git: &git::Args, reach: &reach::Options) -> Self {
        Self {
            stack: Some(git.stack.stack.clone()),
            repository: git.repository.clone(),
            fetch: None,
            clusters: git.clusters.clone(),
            reach: reach.clone(),
            strict: git.strict,
            require_verification: false,
            watch: Watch::never(),
        }
    }
}

/// Compares once.
pub(super) fn judge(context: &Context, args: &Args) -> Result<Judged, CommandError> {
    fetch(args)?;
    let comparison = Comparison::new(context, args)?;
    let runtime = ztgit_cluster::runtime().map_err(|error| {
        CommandError::new(Exit::Incomplete, format!("cannot ask clusters: {error}"))
    })?;
    let report = runtime.block_on(comparison.run());
    findings::print(context, &report);
    let strictness = if args.strict {
        Strictness::PendingCounts
    } else {
        Strictness::PendingWarns
    };
    let outcome = report.outcome(strictness);
    Ok(Judged {
        kind: "ClusterDriftReport",
        report: json!({
            "outcome": outcome,
            "summary": report.counts().into_iter()
                .map(|(status, count)| (status.name(), count))
                .collect::<BTreeMap<_, _>>(),
            "clusters": report.clusters,
        }),
        sarif: findings::sarif(&report),
        exit: match outcome {
            Outcome::Clean => Exit::Clean,
            Outcome::Drift => Exit::Findings,
            Outcome::Incomplete => Exit::Incomplete,
            Outcome::Untrusted => Exit::Trust,
        },
    })
}

/// Clusters, what they are compared with, and how.
pub(super) struct Comparison {
    targets: Vec<Target>,
    options: Options,
    repository: FleetRepository,
}

impl Comparison {
    pub(super) fn new(context: &Context, args: &Args) -> Result<Self, CommandError> {
        let repository = args.repository.open()?;
        let (known, chosen) = match &args.stack {
            Some(stack) => of_stack(context, stack, &args.clusters)?,
            None => of_fleet(&repository, &args.clusters)?,
        };
        let clusters: Vec<&ClusterName> = chosen.iter().collect();
        Ok(Self {
            targets: targets(context, args, &known, &clusters)?,
            options: Options {
                mode: if args.reach.read_only {
                    Mode::ReadOnly
                } else {
                    Mode::DryRun
                },
                deadline: args.reach.deadline,
                requests: usize::from(args.reach.concurrency),
                ..Options::default()
            },
            repository,
        })
    }

    pub(super) async fn run(&self) -> FleetReport {
        let desired =
            |cluster: &str, revision: &Revision| applied(&self.repository, cluster, revision);
        ztgit_cluster::drift(&self.targets, &self.options, &desired).await
    }
}

/// Brings what the remote has, where that is asked for.
pub(super) fn fetch(args: &Args) -> Result<(), CommandError> {
    if let Some(remote) = &args.fetch {
        args.repository.open()?.fetch(remote)?;
    }
    Ok(())
}

/// The clusters that there are, and those that are chosen.
type Clusters = (BTreeSet<ClusterName>, BTreeSet<ClusterName>);

fn of_stack(
    context: &Context,
    stack: &Path,
    clusters: &ClusterOption,
) -> Result<Clusters, CommandError> {
    let (stack, diagnostics) = stack::load(&StackFiles::read(stack)?);
    if diagnostics.has_errors() {
        context.ui.diagnostics(&diagnostics, &stack.sources);
        return Err(CommandError::new(
            Exit::Usage,
            "the stack has errors; its clusters are not known",
        ));
    }
    let chosen = clusters.of(&stack)?;
    let known = stack.clusters.into_iter().map(|cluster| cluster.name);
    Ok((known.collect(), chosen))
}

/// What a repository has says nothing of waves.
fn of_fleet(
    repository: &FleetRepository,
    clusters: &ClusterOption,
) -> Result<Clusters, CommandError> {
    let empty = || {
        CommandError::new(Exit::Incomplete, "the fleet repository has no cluster")
            .hint("run `ztgit render` first, or fetch the branch that Flux pulls")
    };
    let tip = repository.tip()?.ok_or_else(empty)?;
    let known: BTreeSet<ClusterName> = inventories(&repository.snapshot(tip)?)?
        .into_keys()
        .collect();
    if known.is_empty() {
        return Err(empty());
    }
    let chosen = clusters.by_name()?;
    chosen.check_names(known.iter().map(ClusterName::as_str), "fleet")?;
    let has = |name: &&ClusterName| chosen.has(name.as_str(), None);
    let chosen = known.iter().filter(has).cloned().collect();
    Ok((known, chosen))
}

fn targets(
    context: &Context,
    args: &Args,
    known: &BTreeSet<ClusterName>,
    chosen: &[&ClusterName],
) -> Result<Vec<Target>, CommandError> {
    let reach = &args.reach;
    if reach.in_cluster && chosen.len() != 1 {
        let message = format!("a pod is in one cluster, and {} are chosen", chosen.len());
        return Err(CommandError::new(Exit::Usage, message).hint("say which: `--cluster NAME`"));
    }
    let is_cluster = |name: &str| known.iter().any(|cluster| cluster.as_str() == name);
    let contexts = reach.contexts(is_cluster)?;
    let access = |cluster: &ClusterName| {
        if reach.in_cluster {
            Access::ServiceAccount
        } else {
            Access::Kubeconfig {
                files: reach.kubeconfigs(context),
                context: Some(contexts.of(cluster).to_owned()),
            }
        }
    };
    Ok(chosen
        .iter()
        .map(|cluster| Target {
            name: cluster.to_string(),
            access: access(cluster),
            verification: if args.require_verification {
                Verification::Required
            } else {
                Verification::AsConfigured
            },
        })
        .collect())
}
