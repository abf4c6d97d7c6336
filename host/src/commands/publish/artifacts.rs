//! Slices as artifacts in an OCI registry: `<registry>/<cluster>:<tag>`, as
//! Flux's `OCIRepository` reads them.
//!
//! A cluster's artifact moves only where its files are others; the commit that it
//! names is then the one that changed them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::iter::{IntoParallelIterator, ParallelIterator};
use ztgit_registry::flux::{Provenance, artifact};
use ztgit_registry::{
    Artifact, Error, Failure, Pushed, Reference, Replace, Repository, SigningKey, Tag, Timestamp,
};

use super::{Published, Source};
use crate::commands::signing_key::signing_key;
use crate::context::Context;
use crate::error::{CommandError, Exit, chain};
use crate::git::{CommitId, EntryKind, Snapshot};
use crate::name::ClusterName;
use crate::registry::Registries;
use crate::tree::TreePath;

/// Slices that are in memory at a time.
const BATCH: usize = 32;
/// Where an artifact says from which commit it was made.
const REVISION: &str = "org.opencontainers.image.revision";

/// A registry that is spoken to.
struct Target<'a> {
    registries: Registries,
    address: &'a str,
    tag: &'a Tag,
    key: Option<SigningKey>,
}

/// An artifact on its way.
struct Outgoing {
    cluster: ClusterName,
    repository: Repository,
    artifact: Artifact,
}

/// Where artifacts go, and what they are signed with.
#[derive(Debug)]
pub(super) struct Destination<'a> {
    /// Of the stack's `flux.source.url`.
    pub(super) url: &'a str,
    /// The artifacts' tag.
    pub(super) tag: &'a Tag,
    /// A key of cosign's.
    pub(super) key: Option<&'a Path>,
}

impl<'a> Destination<'a> {
    fn target(&self, context: &Context) -> Result<Target<'a>, CommandError> {
        let address = self.url.strip_prefix("oci://").ok_or_else(|| {
            CommandError::new(
                Exit::Usage,
                format!("`{}` is no address of artifacts", self.url),
            )
            .hint("it begins with `oci://`, as in the stack's `flux.source.url`")
        })?;
        let key = self
            .key
            .map(|path| signing_key(context, path))
            .transpose()?;
        Ok(Target {
            registries: context.registries(),
            address: address.trim_end_matches('/'),
            tag: self.tag,
            key,
        })
    }
}

/// Pushes the slices that changed.
pub(super) fn publish(
    context: &Context,
    source: &Source<'_>,
    destination: &Destination<'_>,
) -> Result<Vec<Published>, CommandError> {
    let target = destination.target(context)?;
    let provenance = provenance(source)?;
    let snapshot = source.repository.snapshot(source.commit)?;
    let mut published = Vec::new();
    for slices in source.slices.chunks(BATCH) {
        let outgoing = slices.iter().map(|(cluster, paths)| {
            target.outgoing(cluster, &files(context, &snapshot, paths)?, &provenance)
        });
        let outgoing: Vec<Outgoing> = outgoing.collect::<Result<_, _>>()?;
        for outgoing in &outgoing {
            target.refuse_older(source, outgoing)?;
        }
        let pushed: Vec<_> = outgoing
            .into_par_iter()
            .map(|outgoing| target.push(outgoing))
            .collect();
        for result in pushed {
            let done = published.len();
            published.push(result.map_err(|error: CommandError| {
                error.hint(format!(
                    "{done} slices were published before; run the same command again"
                ))
            })?);
        }
    }
    Ok(published)
}

impl Target<'_> {
    fn outgoing(
        &self,
        cluster: &ClusterName,
        files: &BTreeMap<String, Vec<u8>>,
        provenance: &Provenance,
    ) -> Result<Outgoing, CommandError> {
        let address = format!("{}/{cluster}", self.address);
        let repository = address.parse::<Repository>().map_err(|error| {
            let message = format!("`oci://{address}` is no address of an artifact: {error}");
            CommandError::new(Exit::Usage, message)
        })?;
        let artifact = artifact(files, provenance)
            .map_err(|error| CommandError::new(Exit::Incomplete, chain(&error)))?;
        Ok(Outgoing {
            cluster: cluster.clone(),
            repository,
            artifact,
        })
    }

    /// What is there must not be of a newer commit.
    fn refuse_older(&self, source: &Source<'_>, outgoing: &Outgoing) -> Result<(), CommandError> {
        let reference: Reference = outgoing.repository.tagged(self.tag.clone());
        let client = self.registries.client(&reference)?;
        let existing = match client.manifest(&reference) {
            Ok(existing) => existing,
            Err(Error::Registry {
                failure: Failure::NotFound,
                ..
            }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let revision = existing.manifest.annotations.get(REVISION);
        let commit = revision
            .and_then(|revision| revision.rsplit(':').next())
            .and_then(CommitId::parse);
        match commit {
            Some(commit) => source.refuse_older(&format!("oci://{reference}"), commit),
            // Not one of ours, or not any more.
            None => Ok(()),
        }
    }

    fn push(&self, outgoing: Outgoing) -> Result<Published, CommandError> {
        let Outgoing {
            cluster,
            repository,
            artifact,
        } = outgoing;
        let reference = repository.tagged(self.tag.clone());
        let pushed = self.registries.client(&reference)?.push(
            &repository,
            self.tag,
            &artifact,
            Replace::OnNewContent,
            self.key.as_ref(),
        )?;
        Ok(Published {
            cluster,
            at: format!("oci://{reference}"),
            revision: pushed.digest().to_string(),
            changed: matches!(pushed, Pushed::New(_)),
        })
    }
}

fn provenance(source: &Source<'_>) -> Result<Provenance, CommandError> {
    let repository = source.repository;
    let details = repository.details(source.commit)?;
    Ok(Provenance {
        source: repository
            .remote_address("origin")?
            .unwrap_or_else(|| "local".to_owned()),
        revision: format!("{}@sha1:{}", repository.branch(), source.commit),
        created: Timestamp::from_unix(details.committer.seconds),
    })
}

/// The files of a slice. Flux takes no symbolic links.
fn files(
    context: &Context,
    snapshot: &Snapshot<'_>,
    paths: &BTreeSet<TreePath>,
) -> Result<BTreeMap<String, Vec<u8>>, CommandError> {
    let mut files = BTreeMap::new();
    for prefix in paths {
        for (path, listed) in snapshot.list(prefix.as_str())? {
            if matches!(listed.kind, EntryKind::File(_)) {
                files.insert(path, snapshot.read_blob(listed.id)?);
            } else {
                context
                    .ui
                    .warn(&format!("{path} is no plain file: it is left out"));
            }
        }
    }
    Ok(files)
}
