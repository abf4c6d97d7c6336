//! The trailers of a commit: what it was rendered from, and by what.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::git::{self, CommitId, FleetRepository};
use crate::name::{ClusterName, PluginName};
use crate::tree::Sha256;

/// What a commit says of its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The state of the stack.
    pub stack: StackRevision,
    /// sha256 over the stack's files.
    pub digest: Sha256,
    /// What was rendered.
    pub clusters: RenderedClusters,
    /// The version of ztgit.
    pub version: String,
    /// The plugins with the digests of their components.
    pub plugins: BTreeMap<PluginName, Sha256>,
}

/// Where the stack's files can be found again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StackRevision {
    /// In this commit of the stack's repository.
    Commit(CommitId),
    /// Nowhere: they were not committed, or not in a repository at all.
    Dirty,
}

/// Which clusters a commit rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RenderedClusters {
    /// All of the stack's.
    All,
    /// These.
    Named(Vec<ClusterName>),
}

impl RenderedClusters {
    /// Whether a cluster is among them.
    pub(super) fn has(&self, cluster: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.iter().any(|name| name.as_str() == cluster),
        }
    }
}

const STACK_COMMIT: &str = "Ztgit-Stack-Commit";
const STACK_HASH: &str = "Ztgit-Stack-Hash";
const CLUSTERS: &str = "Ztgit-Clusters";
const VERSION: &str = "Ztgit-Version";
const PLUGIN: &str = "Ztgit-Plugin";

impl Provenance {
    /// As trailers, one a line.
    pub fn to_trailers(&self) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: &dyn std::fmt::Display| {
            let _ = writeln!(text, "{key}: {value}");
        };
        match &self.stack {
            StackRevision::Commit(commit) => line(STACK_COMMIT, commit),
            StackRevision::Dirty => line(STACK_COMMIT, &"dirty"),
        }
        line(STACK_HASH, &self.digest);
        match &self.clusters {
            RenderedClusters::All => line(CLUSTERS, &"all"),
            RenderedClusters::Named(names) => {
                for name in names {
                    line(CLUSTERS, name);
                }
            }
        }
        line(VERSION, &self.version);
        for (name, digest) in &self.plugins {
            line(PLUGIN, &format_args!("{name} {digest}"));
        }
        text
    }

    /// What a commit says; none where it does not say it all.
    fn of(repository: &FleetRepository, commit: CommitId) -> Result<Option<Self>, git::Error> {
        Ok(Self::parse(&repository.details(commit)?.message))
    }

    /// From a commit's message; none where it does not have them all. They
    /// must stand in the last paragraph, as git wants it.
    pub fn parse(message: &str) -> Option<Self> {
        let last = message.trim_end().rsplit("\n\n").next()?;
        let mut values: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for line in last.lines() {
            if let Some((key, value)) = line.split_once(": ") {
                values.entry(key).or_default().push(value.trim());
            }
        }
        let single = |key: &str| match values.get(key)?.as_slice() {
            [value] => Some(*value),
            _ => None,
        };
        let stack = match single(STACK_COMMIT)? {
            "dirty" => StackRevision::Dirty,
            commit => StackRevision::Commit(CommitId::parse(commit)?),
        };
        let clusters = match values.get(CLUSTERS)?.as_slice() {
            ["all"] => RenderedClusters::All,
            names => RenderedClusters::Named(
                names
                    .iter()
                    .map(|name| ClusterName::new(name))
                    .collect::<Option<_>>()?,
            ),
        };
        let plugins = values.get(PLUGIN).map(Vec::as_slice).unwrap_or_default();
        let plugins = plugins
            .iter()
            .map(|plugin| {
                let (name, digest) = plugin.split_once(' ')?;
                Some((PluginName::new(name)?, digest.parse().ok()?))
            })
            .collect::<Option<_>>()?;
        Some(Self {
            stack,
            digest: single(STACK_HASH)?.parse().ok()?,
            clusters,
            version: single(VERSION)?.to_owned(),
            plugins,
        })
    }
}

/// What the newest commit with trailers says, from a commit backwards.
pub fn newest_render(
    repository: &FleetRepository,
    from: CommitId,
) -> Result<Option<Provenance>, git::Error> {
    for commit in repository.newest_first(from)? {
        if let Some(provenance) = Provenance::of(repository, commit?)? {
            return Ok(Some(provenance));
        }
    }
    Ok(None)
}

/// Which clusters the newest renders before a commit rendered that are of the same
/// stack, by the same program and plugins, as `this`. They gave exactly what this one
/// gives, so whatever differs now was changed since, by somebody else.
///
/// Looks no further than the first other render; what cannot be read says nothing.
pub fn rendered_alike(
    repository: &FleetRepository,
    from: CommitId,
    this: &Provenance,
) -> Vec<RenderedClusters> {
    let commits = repository.newest_first(from).into_iter().flatten();
    commits
        .take(LOOKED_AT)
        .map_while(|commit| Provenance::of(repository, commit.ok()?).ok())
        .flatten()
        .take_while(|render| {
            (&render.digest, &render.version, &render.plugins)
                == (&this.digest, &this.version, &this.plugins)
        })
        .map(|render| render.clusters)
        .collect()
}

/// Commits: the renders of one state of a stack, wave by wave or cluster by cluster, and
/// what other people did in between.
const LOOKED_AT: usize = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trailers_come_back() {
        let provenance = Provenance {
            stack: StackRevision::Commit(CommitId::parse(&"ab".repeat(20)).unwrap()),
            digest: Sha256::of(b"stack"),
            clusters: RenderedClusters::Named(vec![ClusterName::new("home").unwrap()]),
            version: "0.1.0".to_owned(),
            plugins: [(PluginName::new("cilium").unwrap(), Sha256::of(b"cilium"))].into(),
        };
        let message = format!("Render home\n\nbody\n\n{}", provenance.to_trailers());
        assert_eq!(Provenance::parse(&message), Some(provenance));
    }

    #[test]
    fn a_message_without_them_is_nobody_s() {
        assert_eq!(
            Provenance::parse("fix a typo\n\nSigned-off-by: A <a@example.net>\n"),
            None
        );
    }
}
