//! A render against a commit: what it changes, cluster by cluster.

use std::collections::BTreeMap;

use super::{Prepared, Rendered, stream};
use crate::commands::options::ClusterOption;
use crate::context::Context;
use crate::error::CommandError;
use crate::fleet::{self, BlobIds, ChangeSet, RenderedClusters, Selection, Standing};
use crate::git::{BlobId, CommitId, Draft, FleetRepository, Readers, Snapshot};
use crate::name::ClusterName;
use crate::render::ClusterOutput;
use crate::tree::TreePath;

/// How much was rendered of a cluster.
#[derive(Debug, Clone)]
pub(in crate::commands) struct Amount {
    name: ClusterName,
    objects: usize,
    files: usize,
}

/// What a render changes.
pub(in crate::commands) struct Changes {
    pub(in crate::commands) set: ChangeSet,
    /// The commit that it was compared with; none before the first.
    pub(in crate::commands) base: Option<CommitId>,
    amounts: Vec<Amount>,
    selection: Selection,
}

impl Amount {
    /// Of a whole cluster.
    pub(in crate::commands) fn of(output: &ClusterOutput) -> Self {
        Self {
            name: output.name.clone(),
            objects: output.objects,
            files: output.files,
        }
    }

    /// All of them in a line.
    pub(in crate::commands) fn summary(amounts: &[Self]) -> String {
        let objects: usize = amounts.iter().map(|amount| amount.objects).sum();
        let files: usize = amounts.iter().map(|amount| amount.files).sum();
        match amounts {
            [one] => format!("{}: {objects} objects, {files} host files", one.name),
            all => format!(
                "{} clusters: {objects} objects, {files} host files",
                all.len()
            ),
        }
    }
}

impl Changes {
    /// How much was rendered, in a line.
    pub(in crate::commands) fn summary(&self) -> String {
        Amount::summary(&self.amounts)
    }

    /// Which clusters were rendered.
    pub(in crate::commands) fn clusters(&self) -> RenderedClusters {
        match self.selection {
            Selection::All => RenderedClusters::All,
            Selection::Some => RenderedClusters::Named(
                self.amounts
                    .iter()
                    .map(|amount| amount.name.clone())
                    .collect(),
            ),
        }
    }
}

/// What a render would change in a repository, if there is one, where nothing is to be
/// written.
pub(in crate::commands) fn foreseen(
    prepared: &Prepared<'_>,
    context: &Context,
    clusters: &ClusterOption,
    repository: Option<&FleetRepository>,
) -> Result<Changes, CommandError> {
    match repository {
        Some(repository) => {
            let tip = repository.tip()?;
            against(prepared, context, clusters, repository, tip, None)
        }
        None => from_nothing(prepared, context, clusters),
    }
}

/// What a render changes where there is no repository yet.
fn from_nothing(
    prepared: &Prepared<'_>,
    context: &Context,
    clusters: &ClusterOption,
) -> Result<Changes, CommandError> {
    let rendered = stream::run(prepared, context, clusters, &|_| None, &|output, ids| {
        let set = fleet::cluster_changes(&output, ids, None)?;
        Ok((set, Amount::of(&output)))
    })?;
    combine(prepared.complete(context, rendered)?, None)
}

/// What a render changes against a commit, none before the first. Contents go into
/// the draft, where there is one.
pub(in crate::commands) fn against(
    prepared: &Prepared<'_>,
    context: &Context,
    clusters: &ClusterOption,
    repository: &FleetRepository,
    base: Option<CommitId>,
    draft: Option<&Draft>,
) -> Result<Changes, CommandError> {
    let snapshot = base.map(|base| repository.snapshot(base)).transpose()?;
    let standing = snapshot.as_ref().map(Standing::of).transpose()?;
    let readers = repository.readers();
    let rendered = stream::run(
        prepared,
        context,
        clusters,
        &|record| {
            let standing = standing.as_ref()?;
            let unchanged = standing.holds(&record.name, &record.ids);
            unchanged.then(|| {
                let amount = Amount {
                    name: record.name.clone(),
                    objects: record.objects,
                    files: record.files,
                };
                (ChangeSet::unchanged(record.name.clone()), amount)
            })
        },
        &|output, ids| changed(&output, ids, &readers, base, draft),
    )?;
    combine(prepared.complete(context, rendered)?, snapshot.as_ref())
}

fn changed(
    output: &ClusterOutput,
    ids: &BlobIds,
    readers: &Readers,
    base: Option<CommitId>,
    draft: Option<&Draft>,
) -> Result<(ChangeSet, Amount), CommandError> {
    readers.with(|reader| {
        let snapshot = base.map(|base| reader.snapshot(base)).transpose()?;
        let mut set = fleet::cluster_changes(output, ids, snapshot.as_ref())?;
        if let Some(draft) = draft {
            let ids: BTreeMap<&TreePath, BlobId> =
                ids.files(output).map(|(path, _, id)| (path, id)).collect();
            let changes = set.changes.iter_mut();
            let named = changes.filter_map(|(path, change)| Some((*ids.get(path)?, change)));
            reader.store(named, draft)?;
        }
        Ok((set, Amount::of(output)))
    })
}

fn combine(
    rendered: Rendered<(ChangeSet, Amount)>,
    snapshot: Option<&Snapshot<'_>>,
) -> Result<Changes, CommandError> {
    let selection = rendered.selection;
    let mut set = ChangeSet::default();
    let mut amounts = Vec::with_capacity(rendered.results.len());
    for (changes, amount) in rendered.results {
        set.merge(changes);
        amounts.push(amount);
    }
    Ok(Changes {
        set: fleet::conclude(set, selection, snapshot)?,
        base: snapshot.map(Snapshot::commit),
        amounts,
        selection,
    })
}
