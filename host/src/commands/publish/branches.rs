//! Slices as branches: `deploy/<cluster>`, each commit after the one before it.
//!
//! What is on the remote counts before what is here, and branches here move once
//! the remote has their commits.

use std::collections::{BTreeMap, BTreeSet};

use super::{Published, Source};
use crate::commands::identity::identity;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::fleet;
use crate::git::{CommitId, FleetRepository, Identity, PushOutcome, Slice, SliceCommit};
use crate::name::ClusterName;
use crate::stack::flux::{SLICES, slice_branch};
use crate::tree::TreePath;

/// How often a push is tried against others who publish.
const TRIES: usize = 5;

/// The tips of branches, by their names.
type Tips = BTreeMap<String, CommitId>;

/// A slice and the branch that it belongs to.
struct Branch {
    cluster: ClusterName,
    name: String,
    slice: Slice,
    /// The newest commit of the branch, here or on the remote.
    newest: Option<CommitId>,
}

/// Commits the slices that changed, and pushes them where there is a remote.
pub(super) fn publish(
    context: &Context,
    source: &Source<'_>,
    remote: Option<&str>,
) -> Result<Vec<Published>, CommandError> {
    let repository = source.repository;
    let identity = identity(context, repository)?;
    let here = repository.branches_below(SLICES)?;
    // Of what was made before somebody was faster, a part may be on the remote.
    let mut made = BTreeSet::new();
    for _ in 0..TRIES {
        let there = match remote {
            Some(remote) => repository.fetch_below(remote, SLICES)?,
            None => Tips::new(),
        };
        let branches = branches(source, &here, &there)?;
        let changed = commit(context, source, &branches, &identity)?;
        made.extend(changed.values().copied());
        let wanted: Tips = branches
            .iter()
            .filter_map(|branch| {
                let tip = changed.get(&branch.name).copied().or(branch.newest)?;
                Some((branch.name.clone(), tip))
            })
            .collect();
        if let Some(remote) = remote
            && !push(context, repository, remote, &differing(&wanted, &there))?
        {
            continue;
        }
        advance(repository, &here, &wanted)?;
        warn_of_leftovers(context, source, here.keys().chain(there.keys()));
        return Ok(published(branches, &wanted, &made));
    }
    let remote = remote.unwrap_or_default();
    let message = format!("{remote} moved {TRIES} times while slices were being pushed");
    Err(CommandError::new(Exit::Incomplete, message).hint("run the same command again"))
}

/// Each slice with the newest commit of its branch, which must not be newer than
/// what is published.
fn branches(source: &Source<'_>, here: &Tips, there: &Tips) -> Result<Vec<Branch>, CommandError> {
    let repository = source.repository;
    let branch = |(cluster, paths): &(ClusterName, BTreeSet<TreePath>)| {
        let name = slice_branch(cluster);
        let newest = newest(repository, &name, here.get(&name), there.get(&name))?;
        if let Some(newest) = newest {
            let message = repository.details(newest)?.message;
            if let Some(before) = fleet::published_from(&message) {
                source.refuse_older(&format!("branch `{name}`"), before)?;
            }
        }
        Ok(Branch {
            cluster: cluster.clone(),
            slice: repository.slice(source.commit, paths)?,
            name,
            newest,
        })
    };
    source.slices.iter().map(branch).collect()
}

fn newest(
    repository: &FleetRepository,
    branch: &str,
    here: Option<&CommitId>,
    there: Option<&CommitId>,
) -> Result<Option<CommitId>, CommandError> {
    let (Some(here), Some(there)) = (here, there) else {
        return Ok(there.or(here).copied());
    };
    if repository.is_ancestor(*here, *there)? {
        return Ok(Some(*there));
    }
    if repository.is_ancestor(*there, *here)? {
        return Ok(Some(*here));
    }
    let message = format!("branch `{branch}` has other commits here than on the remote");
    Err(CommandError::new(Exit::Incomplete, message)
        .hint(format!("drop those here: `git branch -D {branch}`")))
}

/// Commits the slices that differ from their branches; their tips then.
fn commit(
    context: &Context,
    source: &Source<'_>,
    branches: &[Branch],
    identity: &Identity,
) -> Result<Tips, CommandError> {
    let repository = source.repository;
    let mut names = Vec::new();
    let mut commits = Vec::new();
    for branch in branches {
        if let Some(newest) = branch.newest
            && repository.is_slice(newest, &branch.slice)?
        {
            continue;
        }
        names.push(branch.name.clone());
        commits.push(SliceCommit {
            parent: branch.newest,
            slice: &branch.slice,
            message: fleet::slice_message(&branch.cluster, source.commit, repository.branch()),
            signature: context.signature(identity.clone()),
        });
    }
    let made = repository.write_slices(&commits)?;
    Ok(names.into_iter().zip(made).collect())
}

fn differing(wanted: &Tips, there: &Tips) -> Tips {
    let mut differing = wanted.clone();
    differing.retain(|name, tip| there.get(name) != Some(tip));
    differing
}

/// Whether the remote took everything; if not, somebody was faster.
fn push(
    context: &Context,
    repository: &FleetRepository,
    remote: &str,
    branches: &Tips,
) -> Result<bool, CommandError> {
    if branches.is_empty() {
        return Ok(true);
    }
    match repository.push_branches(remote, branches)? {
        PushOutcome::Pushed => Ok(true),
        PushOutcome::NonFastForward => {
            let note = format!("{remote} has moved: publishing on its newest commits");
            context.ui.note(&note);
            Ok(false)
        }
        PushOutcome::Failed { stderr } => {
            let error = format!("cannot push to {remote}: {}", stderr.trim());
            Err(CommandError::new(Exit::Incomplete, error)
                .hint("no branch here was moved; run the same command again"))
        }
    }
}

fn advance(repository: &FleetRepository, here: &Tips, wanted: &Tips) -> Result<(), CommandError> {
    for (name, tip) in differing(wanted, here) {
        let before = here.get(&name).copied();
        let branch = repository.on_branch(&name)?;
        branch.advance(before, tip, &BTreeSet::new())?;
    }
    Ok(())
}

/// A branch goes on being pulled when its cluster has left the fleet.
fn warn_of_leftovers<'a>(
    context: &Context,
    source: &Source<'_>,
    names: impl Iterator<Item = &'a String>,
) {
    let known: BTreeSet<String> = source.known.iter().map(slice_branch).collect();
    let left: BTreeSet<&String> = names.filter(|name| !known.contains(*name)).collect();
    for name in left {
        context.ui.warn(&format!(
            "branch `{name}` is of no cluster of the fleet any more: delete it when nothing pulls it"
        ));
    }
}

fn published(branches: Vec<Branch>, wanted: &Tips, made: &BTreeSet<CommitId>) -> Vec<Published> {
    let published = branches.into_iter().map(|branch| Published {
        changed: made.contains(&wanted[&branch.name]),
        revision: wanted[&branch.name].to_string(),
        cluster: branch.cluster,
        at: branch.name,
    });
    published.collect()
}
