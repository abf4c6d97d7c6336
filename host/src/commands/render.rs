//! `ztgit render`: one stack in, one commit out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::identity::identity;
use super::options::{ClusterOption, RepositoryOption, SignOption, StackOption};
use super::pipeline::Prepared;
use super::pipeline::changes::{self, Amount, Changes};
use super::push::{self, Race};
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::fleet::{self, ChangeSet, Consent, OutDirectory, Provenance, StackRevision};
use crate::git::{
    Change, Commit, CommitId, Draft, FleetRepository, Opened, Outcome, SourceRepository,
};
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
    let prepared = Prepared::read(context, &args.stack.stack, &runtime)?;
    if let Some(directory) = &args.out {
        return write_out(context, prepared, &args.clusters, directory);
    }
    if args.dry_run {
        return dry_run(context, args, &prepared);
    }
    let (mut repository, opened) = args.repository.open_or_create()?;
    let result = args
        .sign
        .apply(&mut repository)
        .and_then(|()| commit(context, args, prepared, &repository, opened));
    let removed = match opened {
        Opened::Created => repository.remove_if_unborn(),
        Opened::Existing => Ok(()),
    };
    let exit = result?;
    removed?;
    Ok(exit)
}

impl Args {
    fn consent(&self) -> Consent {
        Consent {
            removal: self.allow_removal,
            recreate: self.allow_recreate,
        }
    }
}

fn write_out(
    context: &Context,
    mut prepared: Prepared<'_>,
    clusters: &ClusterOption,
    directory: &Path,
) -> Result<Exit, CommandError> {
    let out = OutDirectory::open(directory)?;
    let rendered = prepared.each(context, clusters, &|output| {
        out.stage(&output)?;
        Ok(Amount::of(&output))
    })?;
    prepared.pin_new_plugins(context)?;
    let written = out.publish(rendered.selection)?;
    context.ui.line(&Amount::summary(&rendered.results));
    context.ui.line(&format!(
        "{written} files written to {}",
        directory.display()
    ));
    Ok(Exit::Clean)
}

fn commit(
    context: &Context,
    args: &Args,
    prepared: Prepared<'_>,
    repository: &FleetRepository,
    opened: Opened,
) -> Result<Exit, CommandError> {
    for repair in repository.recover()? {
        context.ui.note(&repair.to_string());
    }
    let mut committer = Committer {
        repository,
        created: (opened == Opened::Created).then_some(&args.repository),
        source: SourceRepository::discover(&prepared.directory)?,
        prepared,
        clusters: &args.clusters,
        consent: args.consent(),
    };
    match &args.push {
        Some(remote) => push::commit_and_push(context, &mut committer, remote),
        None => committer.commit(context),
    }
}

/// A render on its way into a repository.
pub(super) struct Committer<'a> {
    pub(super) repository: &'a FleetRepository,
    /// Where the repository was made, until that was said.
    created: Option<&'a RepositoryOption>,
    pub(super) source: Option<SourceRepository>,
    prepared: Prepared<'a>,
    clusters: &'a ClusterOption,
    consent: Consent,
}

/// A render against a commit, whose contents are in a pack that nobody sees yet.
pub(super) struct Attempt {
    pub(super) commit: Commit,
    pub(super) draft: Draft,
    pub(super) provenance: Provenance,
    set: ChangeSet,
    summary: String,
}

impl Committer<'_> {
    /// Renders against a commit; what it may not change is an error.
    pub(super) fn attempt(
        &mut self,
        context: &Context,
        tip: Option<CommitId>,
        base: Option<CommitId>,
    ) -> Result<Attempt, CommandError> {
        let draft = self.repository.draft();
        let mut changes = changes::against(
            &self.prepared,
            context,
            self.clusters,
            self.repository,
            base,
            Some(&draft),
        )?;
        self.prepared.pin_new_plugins(context)?;
        check_guards(&changes.set, self.consent)?;
        if let Some(RepositoryOption { repo, branch }) = self.created.take() {
            context.ui.line(&format!(
                "created fleet repository {} (branch {branch})",
                repo.display()
            ));
        }
        let provenance = self.provenance(&changes)?;
        if let (Some(base), false) = (base, changes.set.changes.is_empty()) {
            let alike = fleet::rendered_alike(self.repository, base, &provenance);
            changes.set.restore_all_of(&alike);
        }
        let signature = context.signature(identity(context, self.repository)?);
        let commit = Commit {
            tip,
            base,
            changes: std::mem::take(&mut changes.set.changes),
            managed: fleet::managed_paths(changes.set.changed()),
            message: String::new(),
            author: signature.clone(),
            committer: signature,
        };
        let message = fleet::message(
            &self.prepared.outline.name,
            &changes.set,
            &commit.changes,
            &provenance,
        );
        Ok(Attempt {
            commit: Commit { message, ..commit },
            draft,
            provenance,
            summary: changes.summary(),
            set: changes.set,
        })
    }

    fn provenance(&self, changes: &Changes) -> Result<Provenance, CommandError> {
        let prepared = &self.prepared;
        let plugins = prepared
            .plugins
            .iter()
            .map(|plugin| (plugin.name().clone(), *plugin.digest()))
            .collect();
        Ok(Provenance {
            stack: stack_revision(self.source.as_ref(), &prepared.files)?,
            digest: prepared.files.digest(),
            clusters: changes.clusters(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            plugins,
        })
    }

    fn commit(&mut self, context: &Context) -> Result<Exit, CommandError> {
        let tip = self.repository.tip()?;
        let attempt = self.attempt(context, tip, tip)?;
        let Attempt { commit, draft, .. } = &attempt;
        let commit = match self.repository.commit_draft(commit, draft)? {
            Outcome::Committed(commit) => {
                self.maintain(context);
                Some(commit)
            }
            Outcome::Unchanged => None,
        };
        self.report(context, &attempt, commit, &Race::Unpushed);
        Ok(Exit::Clean)
    }

    /// Every commit leaves a pack. That they are many is no reason to fail.
    pub(super) fn maintain(&self, context: &Context) {
        if let Err(error) = self.repository.maintain() {
            context.ui.note(&crate::error::chain(&error));
        }
    }

    /// Prints what came of it.
    pub(super) fn report(
        &self,
        context: &Context,
        attempt: &Attempt,
        commit: Option<CommitId>,
        race: &Race,
    ) {
        let set = &attempt.set;
        for path in &set.restored {
            context
                .ui
                .warn(&format!("{path} was changed by hand; it is restored"));
        }
        for remark in fleet::remarks(set) {
            context.ui.warn(&remark);
        }
        context.ui.line(&attempt.summary);
        match commit {
            Some(commit) => context.ui.line(&format!(
                "{} files changed; committed {commit} to {}",
                attempt.commit.changes.len(),
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
                "changed": attempt.commit.changes.len(),
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

/// What a render may not change is an error.
fn check_guards(set: &ChangeSet, consent: Consent) -> Result<(), CommandError> {
    let refused = fleet::check_guards(set, consent);
    let Some(first) = refused.first() else {
        return Ok(());
    };
    let messages: Vec<&str> = refused
        .iter()
        .map(|refused| refused.message.as_str())
        .collect();
    let message = format!("{}; nothing was written", messages.join("; "));
    let error = CommandError::new(Exit::Usage, message).hint(first.hint.clone());
    Err(error.hint(format!("`ztgit explain {}` says why", first.code)))
}

fn dry_run(context: &Context, args: &Args, prepared: &Prepared<'_>) -> Result<Exit, CommandError> {
    let repository = args.repository.open_existing()?;
    let changes = changes::foreseen(prepared, context, &args.clusters, repository.as_ref())?;
    let set = changes.set;
    check_guards(&set, args.consent())?;
    for (path, change) in &set.changes {
        let letter = match change {
            Change::Write { .. } | Change::Stored { .. } => "write ",
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
