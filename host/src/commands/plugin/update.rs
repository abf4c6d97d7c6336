//! `ztgit plugin update`: pins what the stack's plugins are now.

use std::path::Path;

use serde_json::json;
use ztgit_registry::Reference;

use super::downgrade::Downgrade;
use super::{StackFlag, lockfile};
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plan::{Artifact, Lock, LockedArtifact, LockedFile, LockedPlugin, Source};
use crate::plugin::WIT_VERSION;
use crate::registry::Registries;
use crate::stack::files::LOCK_FILE;
use crate::stack::{self, Stack, StackFiles, stack_directory};
use crate::tree::Sha256;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which; all without one
    names: Vec<String>,
    /// Accept that the tag of a version stands for another artifact now
    #[arg(long)]
    allow_moved_tag: bool,
    /// Accept an older version than the one that is pinned
    #[arg(long)]
    allow_downgrade: bool,
    #[command(flatten)]
    stack: StackFlag,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let directory = stack_directory(&args.stack.stack);
    let files = StackFiles::read(&args.stack.stack)?;
    let (stack, _) = stack::load(&files);
    let mut lock = Lock::of(&files)?;
    let chosen = chosen(&stack, &args.names)?;
    let registries = context.registries();
    let mut changed = 0;
    for (name, source) in chosen {
        let before = lock.plugins.get(&name);
        let (locked, _) = current(&directory, &registries, source)?;
        if let (Some(LockedPlugin::Artifact(before)), LockedPlugin::Artifact(after)) =
            (before, &locked)
        {
            check_change(&name, before, after, args)?;
        }
        if before != Some(&locked) {
            changed += 1;
            let before = before.map_or("nothing".to_owned(), |locked| locked.digest().to_string());
            let after = locked.digest();
            context.ui.line(&format!("{name}: {before} -> {after}"));
        }
        lock.plugins.insert(name, locked);
    }
    if changed > 0 {
        lockfile::write(&directory.join(LOCK_FILE), &lock.to_bytes())?;
    }
    context.ui.line(&format!("{changed} plugins pinned anew"));
    context
        .ui
        .report("PluginUpdate", &json!({"changed": changed}));
    Ok(Exit::Clean)
}

/// The plugins of these names, or all, that are not built in.
fn chosen(stack: &Stack, names: &[String]) -> Result<Vec<(PluginName, Source)>, CommandError> {
    let mut chosen = Vec::new();
    for (name, declared) in &stack.plugins {
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name.as_str()) {
            continue;
        }
        match Source::of(&declared.spec) {
            Ok(None) => {}
            Ok(Some(source)) => chosen.push((name.clone(), source)),
            Err(error) => {
                let message = format!("plugin `{name}`: {error}");
                return Err(CommandError::new(Exit::Usage, message)
                    .hint("`ztgit explain plugin-source` says what a source is"));
            }
        }
    }
    let known = |wanted: &&String| chosen.iter().any(|(name, _)| name.as_str() == **wanted);
    match names.iter().find(|wanted| !known(wanted)) {
        Some(unknown) => Err(CommandError::new(
            Exit::Usage,
            format!("the stack has no plugin `{unknown}` that would have to be pinned"),
        )
        .hint("built-in plugins are part of ztgit")),
        None => Ok(chosen),
    }
}

/// What a source is now: its entry of the lock, and the component.
pub(super) fn current(
    directory: &Path,
    registries: &Registries,
    source: Source,
) -> Result<(LockedPlugin, Vec<u8>), CommandError> {
    let wit = WIT_VERSION.to_owned();
    match source {
        Source::Artifact(Artifact { reference, key }) => {
            let found = registries.find(&reference, key.as_ref())?;
            let locked = LockedArtifact {
                oci: reference,
                manifest: found.manifest,
                digest: Sha256::of(&found.component),
                version: found.version.map(|version| version.to_string()),
                wit,
                signature: found.proof,
            };
            Ok((LockedPlugin::Artifact(locked), found.component))
        }
        Source::File(path) => {
            let component = super::read_component(&directory.join(&path))?;
            let digest = Sha256::of(&component);
            let locked = LockedFile { path, digest, wit };
            Ok((LockedPlugin::File(locked), component))
        }
    }
}

/// What a registry has now in the place of what is pinned.
fn check_change(
    name: &PluginName,
    before: &LockedArtifact,
    after: &LockedArtifact,
    args: &Args,
) -> Result<(), CommandError> {
    let reference = &after.oci;
    // `latest` is there to be moved, `1.2.0` is not.
    let is_moved = before.oci == *reference && before.manifest != after.manifest;
    if is_moved && is_version(reference) && !args.allow_moved_tag {
        let (before, after) = (before.manifest, after.manifest);
        let message = format!("plugin `{name}`: {reference} was {before} and is {after} now");
        return Err(CommandError::new(Exit::Trust, message).hint(
            "a version does not change by itself: ask its publisher; `--allow-moved-tag` accepts it",
        ));
    }
    // An older version is signed too, and has the faults that somebody knows how to use.
    if let Some(Downgrade { pinned, offered }) = Downgrade::between(before, after)
        && !args.allow_downgrade
    {
        let message = format!(
            "plugin `{name}`: {reference} is version {offered}, older than {pinned}, which ztgit.lock pins"
        );
        return Err(CommandError::new(Exit::Trust, message)
            .hint("`ztgit plugin list --outdated` names newer versions; `--allow-downgrade` accepts this one"));
    }
    Ok(())
}

fn is_version(reference: &Reference) -> bool {
    reference
        .tag()
        .is_some_and(|tag| super::version(tag.as_str()).is_some())
}
