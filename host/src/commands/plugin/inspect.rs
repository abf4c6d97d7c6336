//! `ztgit plugin inspect`: one plugin, in full.

use std::fs;
use std::path::Path;

use serde_json::json;
use ztgit_plugin::Cardinality;

use super::description::{grants, origin, to_json};
use super::provenance::Provenance;
use super::{StackFlag, candidate, config_table};
use crate::commands::pipeline::{resolve, sound_outline};
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plan::Lock;
use crate::plugin::{Plugin, Runtime, WIT_VERSION, first_party, one_line};
use crate::stack::files::STACK_FILE;
use crate::stack::{StackFiles, stack_directory};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A plugin's name, or the path of a component
    plugin: String,
    #[command(flatten)]
    stack: StackFlag,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let runtime = context.runtime();
    if let Some(name) = PluginName::new(&args.plugin) {
        if describe_declared(context, &args.stack.stack, &name, &runtime)? {
            return Ok(Exit::Clean);
        }
        let embedded = first_party().iter().find(|p| p.name == args.plugin);
        if let Some(embedded) = embedded {
            let plugin = Plugin::first_party(&runtime, name, embedded)?;
            describe(context, &plugin, &Provenance::built_in())?;
            return Ok(Exit::Clean);
        }
    }
    let path = Path::new(&args.plugin);
    let bytes = fs::read(path).map_err(|error| {
        let message = format!("there is no plugin `{}`: {error}", args.plugin);
        CommandError::new(Exit::Usage, message)
            .hint("name a built-in plugin, one of the stack's, or the path of a component")
    })?;
    let plugin = candidate::load(&runtime, &bytes, context.compile_cache().as_ref())?;
    describe(context, &plugin, &Provenance::file(path))?;
    Ok(Exit::Clean)
}

/// Describes the plugin that the stack calls so; not one that is built in.
fn describe_declared(
    context: &Context,
    stack: &Path,
    name: &PluginName,
    runtime: &Runtime,
) -> Result<bool, CommandError> {
    let directory = stack_directory(stack);
    if !directory.join(STACK_FILE).is_file() {
        return Ok(false);
    }
    let files = StackFiles::read(stack)?;
    let mut outline = sound_outline(context, &files)?;
    // The stack's other plugins may be out of reach, or fail.
    outline.plugins.retain(|other, _| other == name);
    let lock = Lock::of(&files)?;
    let resolved = resolve(context, &outline, &directory, lock, runtime)?;
    let ui = &context.ui;
    ui.diagnostics(&resolved.diagnostics, &outline.sources);
    let Some(locked) = resolved.lock.plugins.get(name) else {
        return Ok(false);
    };
    let plugin = resolved.plugins.get(name).expect("what is pinned is there");
    let spec = &outline.plugins[name].spec;
    describe(
        context,
        plugin,
        &Provenance::pinned(&directory, spec, locked),
    )?;
    Ok(true)
}

fn describe(
    context: &Context,
    plugin: &Plugin<'_>,
    provenance: &Provenance,
) -> Result<(), CommandError> {
    let description = plugin.description();
    let ui = &context.ui;
    let line = |what: &str, value: &str| ui.line(&format!("{what:<9} {value}"));
    line("name", &description.name);
    line("version", &description.version);
    line("summary", &one_line(&description.summary));
    line("digest", &plugin.digest().to_string());
    line("origin", origin(plugin.origin()));
    for (what, value) in provenance.lines() {
        line(what, &value);
    }
    if let Some(size) = plugin.size() {
        line("size", &format!("{} KiB", size.div_ceil(1 << 10)));
    }
    line("interface", &format!("ztgit:plugin@{WIT_VERSION}"));
    let imports = plugin.imports()?;
    for import in &imports {
        line("imports", import);
    }
    for (kind, _) in &description.provides {
        line("states", kind);
    }
    for (kind, cardinality) in &description.consumes {
        let count = match cardinality {
            Cardinality::One => "one",
            Cardinality::Many => "many",
        };
        line("wants", &format!("{kind} ({count})"));
    }
    for schema in &description.schemas {
        line(
            "describes",
            &format!("{} {}", schema.api_version, schema.kind),
        );
    }
    for grant in grants(description) {
        line("asks for", &grant);
    }
    for grant in provenance.grants() {
        line("granted", &grant);
    }
    for row in config_table::lines(&config_table::rows(&description.config_schema)) {
        line("config", &one_line(&row));
    }
    let mut body = to_json(plugin);
    provenance.add_to(&mut body);
    body["size"] = json!(plugin.size());
    body["imports"] = json!(imports);
    ui.report("Plugin", &body);
    Ok(())
}
