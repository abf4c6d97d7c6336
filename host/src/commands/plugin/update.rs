//! `ztgit plugin update`: pins what the stack's plugins are now.

use std::path::Path;

use serde_json::json;

use super::StackFlag;
use super::change::{self, Consent};
use super::edit::Edit;
use crate::commands::pipeline::{refuse_if_locked, sound_outline};
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plan::{Artifact, LockedArtifact, LockedFile, LockedPlugin, Source, consent_to_wasi};
use crate::plugin::{Plugin, WIT_VERSION};
use crate::registry::Registries;
use crate::stack::{Outline, StackFiles, stack_directory};
use crate::tree::Sha256;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which; all without one
    names: Vec<String>,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    stack: StackFlag,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let directory = stack_directory(&args.stack.stack);
    let outline = sound_outline(context, &StackFiles::read(&args.stack.stack)?)?;
    let registries = context.registries();
    let runtime = context.asking_runtime();
    let cache = context.compile_cache();
    let mut now = Vec::new();
    for (name, source) in chosen(&outline, &args.names)? {
        let (locked, component) = current(&directory, &registries, source)?;
        // What cannot be loaded is not worth a pin.
        let wasi = consent_to_wasi(&outline.plugins[&name].spec);
        Plugin::third_party(&runtime, name.clone(), &component, cache.as_ref(), wasi)?;
        now.push((name, locked));
    }

    let mut edit = Edit::begin(&args.stack.stack)?;
    let before = edit.lock.clone();
    let mut lines = Vec::new();
    for (name, locked) in now {
        change::check(&name, &before, &locked, args.consent)?;
        let pinned = before.plugins.get(&name);
        if pinned != Some(&locked) {
            let pinned = pinned.map_or("nothing".to_owned(), |locked| locked.digest().to_string());
            lines.push(format!("{name}: {pinned} -> {}", locked.digest()));
        }
        edit.lock.plugins.insert(name, locked);
    }
    // Of a stack that is being edited, nothing is missing yet.
    let declared = [&outline.plugins, &edit.outline.plugins];
    edit.lock
        .plugins
        .retain(|name, _| declared.iter().any(|plugins| plugins.contains_key(name)));
    if edit.lock != before {
        refuse_if_locked(context)?;
        edit.write_lock()?;
    }
    let changed = lines.len();
    for line in &lines {
        context.ui.line(line);
    }
    context.ui.line(&format!("{changed} plugins pinned anew"));
    context
        .ui
        .report("PluginUpdate", &json!({"changed": changed}));
    Ok(Exit::Clean)
}

/// The plugins of these names, or all, that are not built in.
fn chosen(outline: &Outline, names: &[String]) -> Result<Vec<(PluginName, Source)>, CommandError> {
    let mut chosen = Vec::new();
    for (name, declared) in &outline.plugins {
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
