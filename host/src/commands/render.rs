//! `ztgit render`: one stack in, one commit out.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use super::identity::identity;
use super::options::{ClusterOption, RepositoryOption, SignOption, StackOption};
use super::pipeline::{Prepared, Rendered};
use super::push::{self, Race};
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::fleet::{
    self, ChangeSet, Consent, Provenance, RenderedClusters, Selection, StackRevision,
};
use crate::git::{Change, Commit, CommitId, FleetRepository, Identity, Outcome, SourceRepository};
use crate::stack::StackFiles;

/// Render a stack and commit the result into the fleet repository. An unchanged
/// render makes no commit.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    stack: StackOption,
    #[command(flatten)]
    repository: RepositoryOption,
    #[command(flatten)]
    clusters: ClusterOption,
    /// Show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the tree into a plain directory instead of a commit
    #[arg(long, value_name = "DIR", conflicts_with_all = ["push", "dry_run"])]
    out: Option<PathBuf>,
    /// Push the branch, never by force
    #[arg(long, value_name = "REMOTE", num_args = 0..=1, require_equals = true, default_missing_value = "origin")]
    push: Option<String>,
    #[command(flatten)]
    sign: SignOption,
    /// Remove a large share of a cluster, Namespaces, CRDs or the CNI
    #[arg(long)]
    allow_removal: bool,
    /// Let Flux delete objects and make them anew where they change their unit
    #[arg(long)]
    allow_recreate: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let runtime = context.runtime();
    let mut prepared = Prepared::read(context, &args.stack.stack, &runtime)?;
    let rendered = prepared.render(context, &args.clusters)?;
    let consent = Consent {
        removal: args.allow_removal,
        recreate: args.allow_recreate,
    };
    if args.dry_run {
        return dry_run(context, &args.repository, &rendered, consent);
    }
    prepared.pin_new_plugins(context)?;
    if let Some(directory) = &args.out {
        let written = fleet::write_directory(directory, &rendered.outputs, rendered.selection)?;
        context.ui.line(&summary(&rendered));
        context.ui.line(&format!(
            "{written} files written to {}",
            directory.display()
        ));
        return Ok(Exit::Clean);
    }
    let mut repository = args.repository.open_or_create(context)?;
    args.sign.apply(&mut repository)?;
    let committer = Committer::new(context, &prepared, &rendered, &repository, consent)?;
    match &args.push {
        Some(remote) => push::commit_and_push(context, &committer, remote),
        None => committer.commit(context),
    }
}

/// A render on its way into a repository.
pub(super) struct Committer<'a> {
    pub(super) repository: &'a FleetRepository,
    pub(super) source: Option<SourceRepository>,
    pub(super) provenance: Provenance,
    rendered: &'a Rendered,
    stack: &'a str,
    consent: Consent,
    identity: Identity,
}

impl<'a> Committer<'a> {
    fn new(
        context: &Context,
        prepared: &'a Prepared<'_>,
        rendered: &'a Rendered,
        repository: &'a FleetRepository,
        consent: Consent,
    ) -> Result<Self, CommandError> {
        let identity = identity(context, repository)?;
        let source = SourceRepository::discover(&prepared.directory)?;
        let stack = stack_revision(source.as_ref(), &prepared.files)?;
        let clusters = match rendered.selection {
            Selection::All => RenderedClusters::All,
            Selection::Some => RenderedClusters::Named(
                rendered
                    .outputs
                    .iter()
                    .map(|output| output.name.clone())
                    .collect(),
            ),
        };
        let plugins = prepared
            .plugins
            .iter()
            .map(|plugin| (plugin.name().clone(), *plugin.digest()))
            .collect();
        let provenance = Provenance {
            stack,
            digest: prepared.files.digest(),
            clusters,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            plugins,
        };
        let stack = prepared.stack.name.as_str();
        Ok(Self {
            repository,
            source,
            provenance,
            rendered,
            stack,
            consent,
            identity,
        })
    }

    /// What the render changes against a commit, and what of that it may.
    pub(super) fn changes(&self, base: Option<CommitId>) -> Result<ChangeSet, CommandError> {
        changes(self.repository, self.rendered, base, self.consent)
    }

    /// The commit that carries these changes.
    pub(super) fn prepare(
        &self,
        context: &Context,
        set: &ChangeSet,
        tip: Option<CommitId>,
        base: Option<CommitId>,
    ) -> Commit {
        let signature = context.signature(self.identity.clone());
        Commit {
            tip,
            base,
            changes: set.changes.clone(),
            managed: fleet::managed_paths(&set.clusters),
            message: fleet::message(self.stack, set, &self.provenance),
            author: signature.clone(),
            committer: signature,
        }
    }

    fn commit(&self, context: &Context) -> Result<Exit, CommandError> {
        let tip = self.repository.tip()?;
        let set = self.changes(tip)?;
        let outcome = self
            .repository
            .commit(&self.prepare(context, &set, tip, tip))?;
        let commit = match outcome {
            Outcome::Committed(commit) => Some(commit),
            Outcome::Unchanged => None,
        };
        self.report(context, &set, commit, &Race::Unpushed);
        Ok(Exit::Clean)
    }

    /// Prints what came of it.
    pub(super) fn report(
        &self,
        context: &Context,
        set: &ChangeSet,
        commit: Option<CommitId>,
        race: &Race,
    ) {
        for path in &set.restored {
            context
                .ui
                .warn(&format!("{path} was changed by hand; it is restored"));
        }
        for remark in fleet::remarks(set) {
            context.ui.warn(&remark);
        }
        context.ui.line(&summary(self.rendered));
        match commit {
            Some(commit) => context.ui.line(&format!(
                "{} files changed; committed {commit} to {}",
                set.changes.len(),
                self.repository.branch()
            )),
            None => context.ui.line("up to date"),
        }
        if let Race::Pushed { remote } = race {
            context.ui.line(&format!("pushed to {remote}"));
        }
        let commit = commit.map(|commit| commit.to_string());
        context.ui.report(
            "RenderReport",
            &json!({
                "commit": commit,
                "changed": set.changes.len(),
                "restored": set.restored,
                "clusters": set.clusters,
                "pushed": matches!(race, Race::Pushed { .. }),
            }),
        );
    }
}

/// Whether the stack's files are those of a commit.
fn stack_revision(
    source: Option<&SourceRepository>,
    files: &StackFiles,
) -> Result<StackRevision, CommandError> {
    let Some(source) = source else {
        return Ok(StackRevision::Dirty);
    };
    let Some(head) = source.head()? else {
        return Ok(StackRevision::Dirty);
    };
    let files: BTreeMap<String, Vec<u8>> = files
        .iter()
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .collect();
    let clean = source
        .differences(head, &files, StackFiles::belongs)?
        .is_empty();
    Ok(if clean {
        StackRevision::Commit(head)
    } else {
        StackRevision::Dirty
    })
}

/// What a render changes against a commit; what it may not is an error.
fn changes(
    repository: &FleetRepository,
    rendered: &Rendered,
    base: Option<CommitId>,
    consent: Consent,
) -> Result<ChangeSet, CommandError> {
    let snapshot = base.map(|commit| repository.snapshot(commit)).transpose()?;
    let set = fleet::changes(&rendered.outputs, rendered.selection, snapshot.as_ref())?;
    let refused = fleet::check_guards(&set, consent);
    let Some(first) = refused.first() else {
        return Ok(set);
    };
    let messages: Vec<&str> = refused
        .iter()
        .map(|refused| refused.message.as_str())
        .collect();
    let message = format!("{}; nothing was written", messages.join("; "));
    let error = CommandError::new(Exit::Usage, message).hint(first.hint.clone());
    Err(error.hint(format!("`ztgit explain {}` says why", first.code)))
}

fn dry_run(
    context: &Context,
    repository: &RepositoryOption,
    rendered: &Rendered,
    consent: Consent,
) -> Result<Exit, CommandError> {
    let set = if repository.repo.exists() {
        let repository = repository.open()?;
        let tip = repository.tip()?;
        changes(&repository, rendered, tip, consent)?
    } else {
        fleet::changes(&rendered.outputs, rendered.selection, None)?
    };
    for (path, change) in &set.changes {
        let letter = match change {
            Change::Write { .. } => "write ",
            Change::Remove => "remove",
        };
        context.ui.line(&format!("{letter} {path}"));
    }
    context.ui.line(&format!(
        "{} files would change; nothing was written",
        set.changes.len()
    ));
    let paths: Vec<_> = set.changes.keys().collect();
    context.ui.report(
        "RenderReport",
        &json!({"dryRun": true, "paths": paths, "restored": set.restored}),
    );
    Ok(Exit::Clean)
}

fn summary(rendered: &Rendered) -> String {
    let objects: usize = rendered.outputs.iter().map(|output| output.objects).sum();
    let files: usize = rendered.outputs.iter().map(|output| output.files).sum();
    match rendered.outputs.as_slice() {
        [one] => format!("{}: {objects} objects, {files} host files", one.name),
        all => format!(
            "{} clusters: {objects} objects, {files} host files",
            all.len()
        ),
    }
}
