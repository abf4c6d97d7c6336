//! `ztgit publish`: one fleet branch in, a slice for each cluster out.
//!
//! A cluster that pulls its slice sees nothing of the others: a commit that does
//! not concern it gives it nothing to do. What is published was committed to the
//! fleet branch before; nothing is rendered here.

mod artifacts;
mod branches;

use std::collections::BTreeSet;
use std::path::Path;

use serde::Serialize;
use serde_json::json;
use ztgit_registry::Tag;

use self::artifacts::Destination;

use super::options::{NameOption, RepositoryOption, SignOption};
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::fleet::{self, Outside};
use crate::git::{CommitId, FleetRepository};
use crate::name::ClusterName;
use crate::tree::TreePath;

/// Publish what each cluster needs of the fleet branch, and nothing else: to a
/// branch of its own, `deploy/CLUSTER`, or as an artifact to a registry. Only what
/// changed is published.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    repository: RepositoryOption,
    #[command(flatten)]
    clusters: NameOption,
    /// Give every cluster this directory or file of yours too, such as one that
    /// Kustomizations of several clusters apply; repeatable
    #[arg(long, value_name = "PATH")]
    include: Vec<TreePath>,
    /// Push the branches, never by force
    #[arg(long, value_name = "REMOTE", num_args = 0..=1, require_equals = true, default_missing_value = "origin")]
    push: Option<String>,
    /// Push artifacts to a registry instead of branches: each to this address,
    /// such as `oci://registry.example.net/fleet`, with the cluster's name behind
    /// it. Credentials are those of `docker login`; `--sign` takes a key of
    /// cosign's
    #[arg(long, value_name = "URL", conflicts_with = "push")]
    oci: Option<String>,
    /// The artifacts' tag
    #[arg(long, value_name = "TAG", default_value = "latest", requires = "oci")]
    tag: Tag,
    #[command(flatten)]
    sign: SignOption,
}

/// The commit that is published, and the clusters whose slices are.
struct Source<'a> {
    repository: &'a FleetRepository,
    commit: CommitId,
    slices: Vec<(ClusterName, BTreeSet<TreePath>)>,
    /// Clusters that the commit has, chosen or not.
    known: BTreeSet<ClusterName>,
}

/// What became of a slice.
#[derive(Debug, Serialize)]
struct Published {
    cluster: ClusterName,
    /// Where it is.
    at: String,
    /// What is there now: a commit or a digest.
    revision: String,
    changed: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let mut repository = args.repository.open()?;
    if args.oci.is_none() {
        args.sign.apply(&mut repository)?;
    }
    let source = Source::new(&repository, &args.clusters, &args.include)?;
    let (published, pushed) = if let Some(url) = &args.oci {
        let destination = Destination {
            url,
            tag: &args.tag,
            key: key(&args.sign)?,
        };
        let published = artifacts::publish(context, &source, &destination)?;
        (published, Some(url))
    } else {
        let remote = args.push.as_ref();
        let published = branches::publish(context, &source, remote.map(String::as_str))?;
        (published, remote)
    };
    report(context, &source, &published, pushed.map(String::as_str));
    Ok(Exit::Clean)
}

/// What artifacts are signed with. Git's configuration says nothing about them.
fn key(sign: &SignOption) -> Result<Option<&Path>, CommandError> {
    match &sign.sign {
        None => Ok(None),
        Some(Some(key)) => Ok(Some(key)),
        Some(None) => Err(
            CommandError::new(Exit::Usage, "git has no key that signs artifacts")
                .hint("give one of cosign's: `--sign=cosign.key`"),
        ),
    }
}

impl<'a> Source<'a> {
    fn new(
        repository: &'a FleetRepository,
        clusters: &NameOption,
        shared: &[TreePath],
    ) -> Result<Self, CommandError> {
        let Some(commit) = repository.tip()? else {
            let message = format!("branch `{}` has no commit", repository.branch());
            return Err(
                CommandError::new(Exit::Incomplete, message).hint("run `ztgit render` first")
            );
        };
        let snapshot = repository.snapshot(commit)?;
        for path in shared {
            if snapshot.list(path.as_str())?.is_empty() {
                let message = format!("there is no {path} on branch `{}`", repository.branch());
                return Err(CommandError::new(Exit::Usage, message)
                    .hint("`--include` takes paths from the root of the fleet repository"));
            }
        }
        let known: BTreeSet<ClusterName> = fleet::inventories(&snapshot)?.into_keys().collect();
        let chosen = clusters.chosen();
        chosen.check_names(known.iter().map(ClusterName::as_str), "fleet")?;
        let mut slices = Vec::new();
        for cluster in known
            .iter()
            .filter(|cluster| chosen.has(cluster.as_str(), None))
        {
            let paths = fleet::slice_paths(cluster, shared);
            let outside = fleet::slice_outside(&snapshot, cluster, &paths)?;
            if let Some(first) = outside.first() {
                return Err(incomplete(cluster, first));
            }
            slices.push((cluster.clone(), paths));
        }
        Ok(Self {
            repository,
            commit,
            slices,
            known,
        })
    }

    /// What was published from a commit gives way to a later one only.
    fn refuse_older(&self, place: &str, before: CommitId) -> Result<(), CommandError> {
        if self.repository.is_ancestor(before, self.commit)? {
            return Ok(());
        }
        let branch = self.repository.branch();
        let message = format!(
            "{place} was published from {before}, which branch `{branch}` does not contain"
        );
        Err(CommandError::new(Exit::Incomplete, message).hint(format!(
            "bring `{branch}` up to date (`git pull`) and publish again"
        )))
    }
}

/// Flux would not find the path, and stop.
fn incomplete(cluster: &ClusterName, outside: &Outside) -> CommandError {
    let Outside { file, path } = outside;
    let shown = if path.is_empty() {
        "the whole repository"
    } else {
        path
    };
    let error = CommandError::new(
        Exit::Usage,
        format!("{file} applies {shown}, which the slice of cluster `{cluster}` does not have"),
    );
    if path.is_empty() {
        return error.hint("let its `spec.path` name a directory");
    }
    error.hint(format!("add it to all slices with `--include {path}`"))
}

fn report(context: &Context, source: &Source<'_>, published: &[Published], remote: Option<&str>) {
    let changed = published.iter().filter(|slice| slice.changed);
    for slice in changed.clone() {
        let Published {
            cluster,
            at,
            revision,
            ..
        } = slice;
        context.ui.line(&format!("{cluster}: {revision} at {at}"));
    }
    let pushed = remote.map_or_else(String::new, |remote| format!("; pushed to {remote}"));
    let (changed, all) = (changed.count(), published.len());
    context.ui.line(&format!(
        "{changed} of {all} slices changed with {}{pushed}",
        source.commit
    ));
    context.ui.report(
        "PublishReport",
        &json!({
            "commit": source.commit.to_string(),
            "slices": published,
            "pushed": remote.is_some(),
        }),
    );
}
