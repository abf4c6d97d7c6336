//! `ztgit plugin update`: pins what the stack's plugins are now.

use std::fs;

use serde_json::json;

use super::StackFlag;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::plan::{Lock, LockedPlugin};
use crate::plugin::WIT_VERSION;
use crate::stack::files::LOCK_FILE;
use crate::stack::{self, StackFiles, stack_directory};
use crate::tree::Sha256;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Which; all without one
    names: Vec<String>,
    #[command(flatten)]
    stack: StackFlag,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let directory = stack_directory(&args.stack.stack);
    let files = StackFiles::read(&args.stack.stack)?;
    let (stack, _) = stack::load(&files);
    let mut lock = files
        .get(LOCK_FILE)
        .map(Lock::parse)
        .transpose()?
        .unwrap_or_default();
    let mut changed = 0;
    for (name, declared) in &stack.plugins {
        let Some(path) = &declared.spec.path else {
            continue;
        };
        if !args.names.is_empty() && !args.names.iter().any(|wanted| wanted == name.as_str()) {
            continue;
        }
        let file = directory.join(path);
        let bytes = fs::read(&file).map_err(|error| {
            CommandError::new(
                Exit::Incomplete,
                format!("cannot read {}: {error}", file.display()),
            )
        })?;
        let digest = Sha256::of(&bytes);
        let before = lock.plugins.get(name).map(|locked| locked.digest);
        if before != Some(digest) {
            changed += 1;
            let before = before.map_or("nothing".to_owned(), |digest| digest.to_string());
            context.ui.line(&format!("{name}: {before} -> {digest}"));
        }
        let locked = LockedPlugin {
            path: path.clone(),
            digest,
            wit: WIT_VERSION.to_owned(),
        };
        lock.plugins.insert(name.clone(), locked);
    }
    if let Some(unknown) = args
        .names
        .iter()
        .find(|wanted| !lock.plugins.keys().any(|name| name.as_str() == *wanted))
    {
        return Err(CommandError::new(
            Exit::Usage,
            format!("the stack has no plugin `{unknown}` that would have to be pinned"),
        )
        .hint("built-in plugins are part of ztgit"));
    }
    let path = directory.join(LOCK_FILE);
    if changed > 0 {
        fs::write(&path, lock.to_bytes()).map_err(|error| {
            CommandError::new(
                Exit::Incomplete,
                format!("cannot write {}: {error}", path.display()),
            )
        })?;
    }
    context.ui.line(&format!("{changed} plugins pinned anew"));
    context
        .ui
        .report("PluginUpdate", &json!({"changed": changed}));
    Ok(Exit::Clean)
}
