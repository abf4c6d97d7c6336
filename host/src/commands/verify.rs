//! `ztgit verify`: re-derive what a commit says it rendered.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::options::{ClusterOption, RepositoryOption};
use super::pipeline::Prepared;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::fleet::{Provenance, RenderedClusters, StackRevision};
use crate::git::{CommitId, FleetRepository, SourceRepository};
use crate::stack::{StackFiles, stack_directory};
use crate::verify::{Mismatch, cluster_mismatches, other_mismatches, undeclared_changes};

/// Render what a commit of the fleet repository says it was rendered from, and
/// compare. Exits with 4 where they differ, and with 3 where another ztgit or
/// other plugins are needed to tell.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The commit: an id, a branch, a tag, `HEAD` or `HEAD~N`
    #[arg(default_value = "HEAD")]
    revision: String,
    /// The stack: its directory, or its stack.yaml. Where it lies in a git
    /// repository it is read at the commit that was rendered
    #[arg(long, default_value = ".")]
    stack: PathBuf,
    #[command(flatten)]
    repository: RepositoryOption,
    /// Verify every commit from there back to the first
    #[arg(long)]
    history: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let repository = args.repository.open()?;
    let from = repository.resolve(&args.revision)?;
    let commits: Vec<CommitId> = if args.history {
        repository.history(from)?.collect::<Result<_, _>>()?
    } else {
        vec![from]
    };
    let verifier = Verifier {
        context,
        stack: &args.stack,
        repository: &repository,
    };
    let mut reports = Vec::new();
    let mut failed = false;
    for commit in commits {
        let found = verifier.commit(commit)?;
        failed |= !found.is_empty();
        reports.push(json!({"commit": commit.to_string(), "mismatches": found}));
    }
    context
        .ui
        .report("VerifyReport", &json!({"commits": Value::from(reports)}));
    Ok(if failed { Exit::Trust } else { Exit::Clean })
}

struct Verifier<'a> {
    context: &'a Context,
    stack: &'a std::path::Path,
    repository: &'a FleetRepository,
}

impl Verifier<'_> {
    fn commit(&self, commit: CommitId) -> Result<Vec<Mismatch>, CommandError> {
        let message = self.repository.details(commit)?.message;
        let found = match Provenance::parse(&message) {
            Some(provenance) => self.rendered(commit, &provenance)?,
            None => self.unrendered(commit)?,
        };
        for mismatch in &found {
            let problem = json!(mismatch.problem);
            let ui = &self.context.ui;
            ui.line(&format!(
                "{:<10} {}",
                problem.as_str().unwrap_or_default(),
                mismatch.path
            ));
            if let Some(expected) = mismatch.expected {
                ui.line(&format!("           expected {expected}"));
            }
            if let Some(found) = mismatch.found {
                ui.line(&format!("           found    {found}"));
            }
        }
        let verdict = match found.len() {
            0 => format!("{commit}: verified"),
            1 => format!("{commit}: 1 path is not what the stack gives"),
            several => format!("{commit}: {several} paths are not what the stack gives"),
        };
        self.context.ui.line(&verdict);
        Ok(found)
    }

    /// A commit of somebody else's must leave managed paths alone.
    fn unrendered(&self, commit: CommitId) -> Result<Vec<Mismatch>, CommandError> {
        let touched = undeclared_changes(self.repository, commit, &BTreeSet::new())?;
        Ok(touched
            .into_iter()
            .map(|path| Mismatch {
                path,
                problem: crate::verify::Problem::Undeclared,
                expected: None,
                found: None,
            })
            .collect())
    }

    fn rendered(
        &self,
        commit: CommitId,
        provenance: &Provenance,
    ) -> Result<Vec<Mismatch>, CommandError> {
        if provenance.version != env!("CARGO_PKG_VERSION") {
            return Err(CommandError::new(
                Exit::Incomplete,
                format!(
                    "{commit} was rendered by ztgit {}, this is {}",
                    provenance.version,
                    env!("CARGO_PKG_VERSION")
                ),
            )
            .hint(format!("verify it with ztgit {}", provenance.version)));
        }
        let files = self.stack_files(commit, provenance)?;
        if files.digest() != provenance.digest {
            return Err(CommandError::new(
                Exit::Trust,
                format!(
                    "{commit} says that its stack is {}, but it is {}",
                    provenance.digest,
                    files.digest()
                ),
            )
            .hint("somebody changed the trailers, or the stack's history"));
        }
        let runtime = self.context.asking_runtime();
        let directory = stack_directory(self.stack);
        let prepared = Prepared::from_files(self.context, directory, files, &runtime)
            .map_err(without_verdict)?;
        same_plugins(commit, provenance, &prepared)?;
        let clusters = match &provenance.clusters {
            RenderedClusters::All => Vec::new(),
            RenderedClusters::Named(names) => names.iter().map(ToString::to_string).collect(),
        };
        let readers = self.repository.readers();
        let compared = prepared.each(self.context, &ClusterOption::named(clusters), &|output| {
            readers.with(|reader| {
                let found = cluster_mismatches(&output, &reader.snapshot(commit)?)?;
                Ok((output.name, found))
            })
        })?;
        let (names, found): (BTreeSet<_>, Vec<_>) = compared.results.into_iter().unzip();
        let mut found: Vec<Mismatch> = found.into_iter().flatten().collect();
        let (repository, clusters) = (self.repository, &provenance.clusters);
        found.extend(other_mismatches(repository, commit, clusters, names)?);
        found.sort();
        Ok(found)
    }

    /// The stack as it was when it was rendered.
    fn stack_files(
        &self,
        commit: CommitId,
        provenance: &Provenance,
    ) -> Result<StackFiles, CommandError> {
        let StackRevision::Commit(stack_commit) = provenance.stack else {
            let files = StackFiles::read(self.stack)?;
            if files.digest() != provenance.digest {
                return Err(CommandError::new(
                    Exit::Incomplete,
                    format!("{commit} was rendered from a stack that was not committed, and that is not the one at {}", self.stack.display()),
                )
                .hint("such a commit can be verified only while the stack is as it was; commit the stack before rendering"));
            }
            return Ok(files);
        };
        let directory = stack_directory(self.stack);
        let source = SourceRepository::discover(&directory)?
            .filter(|source| source.contains(stack_commit))
            .ok_or_else(|| {
                CommandError::new(
                    Exit::Incomplete,
                    format!(
                        "{} is in no repository that has the stack's commit {stack_commit}",
                        directory.display()
                    ),
                )
                .hint("fetch the stack's history, or name the right stack with `--stack`")
            })?;
        Ok(StackFiles::from_files(
            source.read(stack_commit, StackFiles::belongs)?,
        ))
    }
}

/// A component that is not the one that was pinned then says nothing about the
/// commit.
fn without_verdict(error: CommandError) -> CommandError {
    let exit = if error.exit == Exit::Trust {
        Exit::Incomplete
    } else {
        error.exit
    };
    CommandError { exit, ..error }
}

/// Other plugins render other bytes, which would say nothing.
fn same_plugins(
    commit: CommitId,
    provenance: &Provenance,
    prepared: &Prepared<'_>,
) -> Result<(), CommandError> {
    for plugin in prepared.plugins.iter() {
        let rendered_by = provenance.plugins.get(plugin.name());
        if rendered_by != Some(plugin.digest()) {
            let wanted = rendered_by.map_or("none".to_owned(), ToString::to_string);
            return Err(CommandError::new(
                Exit::Incomplete,
                format!(
                    "{commit} was rendered by plugin `{}` {wanted}, here it is {}",
                    plugin.name(),
                    plugin.digest()
                ),
            )
            .hint("verify it with the build of ztgit that has this plugin"));
        }
    }
    Ok(())
}
