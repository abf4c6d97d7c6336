//! `ztgit plugin`: what there is, what it may, and which bytes are pinned.

use std::fs;
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Value, json};
use ztgit_plugin::{Cardinality, Description};

use super::pipeline::Prepared;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plan::{Lock, LockedPlugin};
use crate::plugin::{CompileCache, Origin, Plugin, Runtime, WIT_VERSION, Wasi, first_party};
use crate::stack::files::{LOCK_FILE, STACK_FILE};
use crate::stack::{self, StackFiles, stack_directory};
use crate::tree::Sha256;

/// List, inspect and pin plugins.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the built-in plugins and those of the stack, with their grants
    List(StackFlag),
    /// Describe a built-in plugin, one of the stack's, or a component's file
    Inspect(Inspect),
    /// Pin the components that the stack's plugins have now
    Update(Update),
}

#[derive(Debug, clap::Args)]
struct StackFlag {
    /// The stack: its directory, or its stack.yaml
    #[arg(long, default_value = ".")]
    stack: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Inspect {
    /// A plugin's name, or the path of a component
    plugin: String,
    #[command(flatten)]
    stack: StackFlag,
}

#[derive(Debug, clap::Args)]
struct Update {
    /// Which; all without one
    names: Vec<String>,
    #[command(flatten)]
    stack: StackFlag,
}

pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    match &args.command {
        Command::List(args) => list(context, args),
        Command::Inspect(args) => inspect(context, args),
        Command::Update(args) => update(context, args),
    }
}

fn list(context: &Context, args: &StackFlag) -> Result<Exit, CommandError> {
    let runtime = Runtime::default();
    let mut entries = Vec::new();
    let mut add = |plugin: &Plugin<'_>| {
        let description = plugin.description();
        context.ui.line(&format!(
            "{:<12} {:<8} {:<11} {}",
            plugin.name(),
            description.version,
            origin(plugin.origin()),
            description.summary
        ));
        context
            .ui
            .line(&format!("             {}", plugin.digest()));
        for line in grants(description) {
            context.ui.line(&format!("             {line}"));
        }
        entries.push(to_json(plugin));
    };
    let prepared = if stack_directory(&args.stack).join(STACK_FILE).is_file() {
        Some(Prepared::read(context, &args.stack, &runtime)?)
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

fn inspect(context: &Context, args: &Inspect) -> Result<Exit, CommandError> {
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

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::FirstParty => "built-in",
        Origin::ThirdParty => "third-party",
    }
}

fn grants(description: &Description) -> Vec<String> {
    let grants = &description.grants;
    let mut lines = Vec::new();
    for (what, names) in [
        ("namespaces", &grants.namespaces),
        ("cluster kinds", &grants.cluster_kinds),
        ("host paths", &grants.host_paths),
    ] {
        if !names.is_empty() {
            lines.push(format!("{what}: {}", names.join(", ")));
        }
    }
    for (kind, limits) in &grants.facts {
        lines.push(format!("fact {kind}: {}", limits.join(", ")));
    }
    lines
}

fn to_json(plugin: &Plugin<'_>) -> Value {
    let description = plugin.description();
    let provides: Vec<&str> = description
        .provides
        .iter()
        .map(|(kind, _)| kind.as_str())
        .collect();
    let consumes: Vec<&str> = description
        .consumes
        .iter()
        .map(|(kind, _)| kind.as_str())
        .collect();
    json!({
        "name": plugin.name(),
        "version": description.version,
        "summary": description.summary,
        "origin": origin(plugin.origin()),
        "digest": plugin.digest(),
        "wit": WIT_VERSION,
        "wasi": plugin.wasi_imports(),
        "provides": provides,
        "consumes": consumes,
        "grants": {
            "namespaces": description.grants.namespaces,
            "clusterKinds": description.grants.cluster_kinds,
            "hostPaths": description.grants.host_paths,
            "facts": description.grants.facts.iter().cloned().collect::<std::collections::BTreeMap<_, _>>(),
        },
        "configSchema": description.config_schema,
    })
}

fn update(context: &Context, args: &Update) -> Result<Exit, CommandError> {
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
