//! `ztgit plugin list`: the built-in plugins and those of the stack.

use std::path::Path;

use serde_json::json;

use super::description::{grants, origin, to_json};
use super::{StackFlag, grant, outdated};
use crate::commands::pipeline::{Prepared, sound};
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plugin::{Origin, Plugin, first_party, one_line};
use crate::stack::files::STACK_FILE;
use crate::stack::schema::GrantSpec;
use crate::stack::{StackFiles, stack_directory};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only those of which a registry has something newer
    #[arg(long)]
    outdated: bool,
    #[command(flatten)]
    stack: StackFlag,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    if args.outdated {
        return outdated::run(context, &StackFiles::read(&args.stack.stack)?);
    }
    let runtime = context.runtime();
    let mut entries = Vec::new();
    let mut add = |plugin: &Plugin<'_>, granted: Option<&GrantSpec>| {
        let description = plugin.description();
        context.ui.line(&format!(
            "{:<12} {:<8} {:<11} {}",
            plugin.name(),
            description.version,
            origin(plugin.origin()),
            one_line(&description.summary)
        ));
        context
            .ui
            .line(&format!("             {}", plugin.digest()));
        // What a built-in one asks for is what it may.
        let asks = if granted.is_some() { "asks for  " } else { "" };
        for line in grants(description) {
            context.ui.line(&format!("             {asks}{line}"));
        }
        let mut entry = to_json(plugin);
        if let Some(granted) = granted {
            for line in grant::lines(granted) {
                context.ui.line(&format!("             granted   {line}"));
            }
            entry["granted"] = grant::to_json(granted);
        }
        entries.push(entry);
    };
    // Without a stack there are those that are built in.
    let is_there = stack_directory(&args.stack.stack)
        .join(STACK_FILE)
        .is_file();
    let prepared = if is_there || args.stack.stack != Path::new(".") {
        let prepared = Prepared::read(context, &args.stack.stack, &runtime)?;
        sound(context, &prepared.diagnostics, &prepared.outline)?;
        Some(prepared)
    } else {
        None
    };
    for embedded in first_party() {
        let name = PluginName::new(embedded.name).expect("first-party names are DNS labels");
        add(&Plugin::first_party(&runtime, name, embedded)?, None);
    }
    if let Some(prepared) = &prepared {
        for plugin in prepared.plugins.iter() {
            if plugin.origin() == Origin::ThirdParty {
                let declared = &prepared.outline.plugins[plugin.name()];
                add(plugin, Some(&declared.spec.grants));
            }
        }
    }
    context
        .ui
        .report("PluginList", &json!({"plugins": entries}));
    Ok(Exit::Clean)
}
