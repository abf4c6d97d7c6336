//! `ztgit plugin list`: the built-in plugins and those of the stack.

use serde_json::json;

use super::description::{grants, origin, to_json};
use super::{StackFlag, outdated};
use crate::commands::pipeline::Prepared;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plugin::{Origin, Plugin, first_party, one_line};
use crate::stack::files::STACK_FILE;
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
    let mut add = |plugin: &Plugin<'_>| {
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
        for line in grants(description) {
            context.ui.line(&format!("             {line}"));
        }
        entries.push(to_json(plugin));
    };
    let prepared = if stack_directory(&args.stack.stack)
        .join(STACK_FILE)
        .is_file()
    {
        Some(Prepared::read(context, &args.stack.stack, &runtime)?)
    } else {
        None
    };
    for embedded in first_party() {
        let name = PluginName::new(embedded.name).expect("first-party names are DNS labels");
        add(&Plugin::first_party(&runtime, name, embedded)?);
    }
    for plugin in prepared.iter().flat_map(|prepared| prepared.plugins.iter()) {
        if plugin.origin() == Origin::ThirdParty {
            add(plugin);
        }
    }
    context
        .ui
        .report("PluginList", &json!({"plugins": entries}));
    Ok(Exit::Clean)
}
