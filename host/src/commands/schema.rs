//! `ztgit schema`: for editors.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::pipeline::Prepared;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plugin::{Plugin, first_party};
use crate::stack::document_schema;

/// Print the JSON Schema of a stack's files, with the plugins' own schemas in
/// their places: the built-in plugins', or those of a stack.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A stack whose plugins to take: its directory, or its stack.yaml
    #[arg(long)]
    stack: Option<PathBuf>,
    /// Print the schema of the cluster as plugins are handed it instead
    #[arg(long, conflicts_with = "stack")]
    cluster: bool,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let schema = if args.cluster {
        schemars::schema_for!(ztgit_plugin::Cluster).to_value()
    } else {
        document_schema(&plugin_schemas(context, args.stack.as_deref())?)
    };
    let text = serde_json::to_string_pretty(&schema).expect("a schema is plain JSON");
    context.ui.print(&format!("{text}\n"));
    Ok(Exit::Clean)
}

fn plugin_schemas(
    context: &Context,
    stack: Option<&std::path::Path>,
) -> Result<BTreeMap<String, Value>, CommandError> {
    let runtime = context.runtime();
    let entry = |plugin: &Plugin<'_>| {
        (
            plugin.name().to_string(),
            plugin.description().config_schema.clone(),
        )
    };
    if let Some(stack) = stack {
        let prepared = Prepared::read(context, stack, &runtime)?;
        return Ok(prepared.plugins.iter().map(entry).collect());
    }
    let mut schemas = BTreeMap::new();
    for embedded in first_party() {
        let name = PluginName::new(embedded.name).expect("first-party names are DNS labels");
        schemas.extend([entry(&Plugin::first_party(&runtime, name, embedded)?)]);
    }
    Ok(schemas)
}
