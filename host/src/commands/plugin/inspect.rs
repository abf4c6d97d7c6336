//! `ztgit plugin inspect`: one plugin, in full.

use std::fs;
use std::path::Path;

use serde_json::json;
use ztgit_plugin::Cardinality;

use super::description::{grants, origin, to_json};
use super::{StackFlag, candidate, config_table};
use crate::commands::pipeline::Prepared;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plugin::{Plugin, WIT_VERSION, first_party};
use crate::stack::files::STACK_FILE;
use crate::stack::stack_directory;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A plugin's name, or the path of a component
    plugin: String,
    #[command(flatten)]
    stack: StackFlag,
}

/// Where a component is from.
struct Provenance {
    from: String,
    /// Bytes, where it is not part of this program.
    size: Option<u64>,
}

impl Provenance {
    fn built_in() -> Self {
        Self {
            from: format!("ztgit {}", env!("CARGO_PKG_VERSION")),
            size: None,
        }
    }

    fn file(path: &Path) -> Self {
        Self {
            from: path.display().to_string(),
            size: fs::metadata(path).ok().map(|metadata| metadata.len()),
        }
    }
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let runtime = context.runtime();
    let by_name = PluginName::new(&args.plugin);
    let embedded = first_party()
        .iter()
        .find(|plugin| plugin.name == args.plugin);
    if let (Some(name), Some(embedded)) = (&by_name, embedded) {
        let plugin = Plugin::first_party(&runtime, name.clone(), embedded)?;
        describe(context, &plugin, &Provenance::built_in())?;
        return Ok(Exit::Clean);
    }
    let directory = stack_directory(&args.stack.stack);
    if let Some(name) = by_name.filter(|_| directory.join(STACK_FILE).is_file()) {
        let prepared = Prepared::read(context, &args.stack.stack, &runtime)?;
        if let Some(plugin) = prepared.plugins.get(&name) {
            let path = prepared.outline.plugins[&name].spec.path.as_deref();
            let file = directory.join(path.unwrap_or_default());
            describe(context, plugin, &Provenance::file(&file))?;
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
    line("summary", &description.summary);
    line("digest", &plugin.digest().to_string());
    line("origin", origin(plugin.origin()));
    line("from", &provenance.from);
    if let Some(size) = provenance.size {
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
    for row in config_table::lines(&config_table::rows(&description.config_schema)) {
        line("config", &row);
    }
    let mut body = to_json(plugin);
    body["from"] = json!(provenance.from);
    body["size"] = json!(provenance.size);
    body["imports"] = json!(imports);
    ui.report("Plugin", &body);
    Ok(())
}
