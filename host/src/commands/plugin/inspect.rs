//! `ztgit plugin inspect`: one plugin, in full.

use std::fs;

use serde_json::Value;
use ztgit_plugin::Cardinality;

use super::StackFlag;
use super::description::{grants, origin, to_json};
use crate::commands::pipeline::Prepared;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plugin::{CompileCache, Plugin, Runtime, WIT_VERSION, Wasi, first_party};
use crate::stack::files::STACK_FILE;
use crate::stack::stack_directory;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A plugin's name, or the path of a component
    plugin: String,
    #[command(flatten)]
    stack: StackFlag,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let runtime = Runtime::default();
    let by_name = PluginName::new(&args.plugin);
    let embedded = first_party()
        .iter()
        .find(|plugin| plugin.name == args.plugin);
    if let (Some(name), Some(embedded)) = (&by_name, embedded) {
        describe(
            context,
            &Plugin::first_party(&runtime, name.clone(), embedded)?,
        );
        return Ok(Exit::Clean);
    }
    let is_stack = stack_directory(&args.stack.stack)
        .join(STACK_FILE)
        .is_file();
    if let Some(name) = by_name.filter(|_| is_stack) {
        let prepared = Prepared::read(context, &args.stack.stack, &runtime)?;
        if let Some(plugin) = prepared.plugins.get(&name) {
            describe(context, plugin);
            return Ok(Exit::Clean);
        }
    }
    let bytes = fs::read(&args.plugin).map_err(|error| {
        CommandError::new(
            Exit::Usage,
            format!("there is no plugin `{}`: {error}", args.plugin),
        )
        .hint("name a built-in plugin, one of the stack's, or the path of a component")
    })?;
    let name = PluginName::new("inspected").expect("it is a DNS label");
    let cache = context.environment.cache.as_deref().map(CompileCache::new);
    // Whether it gets WASI in a render is the stack's to say; here it can do no
    // harm with it.
    let plugin = Plugin::third_party(&runtime, name, &bytes, cache.as_ref(), Wasi::Frozen)?;
    describe(context, &plugin);
    Ok(Exit::Clean)
}

fn describe(context: &Context, plugin: &Plugin<'_>) {
    let description = plugin.description();
    let ui = &context.ui;
    ui.line(&format!("name      {}", description.name));
    ui.line(&format!("version   {}", description.version));
    ui.line(&format!("summary   {}", description.summary));
    ui.line(&format!("digest    {}", plugin.digest()));
    ui.line(&format!("origin    {}", origin(plugin.origin())));
    ui.line(&format!("interface ztgit:plugin@{WIT_VERSION}"));
    for interface in plugin.wasi_imports() {
        ui.line(&format!("imports   wasi:{interface}"));
    }
    for (kind, _) in &description.provides {
        ui.line(&format!("states    {kind}"));
    }
    for (kind, cardinality) in &description.consumes {
        let count = match cardinality {
            Cardinality::One => "one",
            Cardinality::Many => "many",
        };
        ui.line(&format!("wants     {kind} ({count})"));
    }
    for schema in &description.schemas {
        ui.line(&format!("describes {} {}", schema.api_version, schema.kind));
    }
    for line in grants(description) {
        ui.line(&format!("asks for  {line}"));
    }
    let properties = description
        .config_schema
        .get("properties")
        .and_then(Value::as_object);
    for (name, schema) in properties.into_iter().flatten() {
        let text = schema
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        ui.line(&format!(
            "config    {name}: {}",
            text.lines().collect::<Vec<_>>().join(" ")
        ));
    }
    ui.report("Plugin", &to_json(plugin));
}
