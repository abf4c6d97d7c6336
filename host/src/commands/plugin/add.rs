//! `ztgit plugin add`: a third-party plugin into the stack, pinned, with no more
//! than what it is granted here.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use ztgit_plugin::Description;
use ztgit_registry::{PublicKey, Reference};

use super::change::{self, Consent};
use super::edit::Edit;
use super::entry::{Entry, insert};
use super::grant::{self, Grant};
use super::update::current;
use super::{StackFlag, description};
use crate::commands::pipeline::{refuse_if_locked, sound_outline};
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plan::{Source, consent_to_wasi};
use crate::plugin::{Plugin, first_party};
use crate::stack::schema::{GrantSpec, PluginSpec, VerifySpec};
use crate::stack::{Outline, StackFiles, stack_directory};
use crate::ui::Ui;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// What the stack calls it
    name: String,
    /// `host/repository:tag` in a registry, or a component's file in the stack's directory
    source: String,
    /// What it may, of what it asks for: `all`, `namespaces=A,B`, `clusterKinds=K.GROUP`,
    /// `hostPaths=/P`, `facts.KIND=LIMIT`; without one you are asked on a terminal, and
    /// it may nothing elsewhere
    #[arg(long = "grant", value_name = "GRANT")]
    grants: Vec<Grant>,
    /// Demand a signature by this public key, now and at every update
    #[arg(long, value_name = "KEY")]
    verify: Option<PathBuf>,
    /// Give it WASI, frozen and without files and network, where its language needs it
    #[arg(long)]
    wasi: bool,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    stack: StackFlag,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    refuse_if_locked(context)?;
    let directory = stack_directory(&args.stack.stack);
    let files = StackFiles::read(&args.stack.stack)?;
    let outline = sound_outline(context, &files)?;
    let name = free_name(&outline, &args.name)?;
    let mut spec = source(&directory, args)?;
    let entry = |files: &StackFiles, spec: &PluginSpec| insert(files, &Entry { name: &name, spec });
    // Before anybody is asked for anything.
    entry(&files, &spec)?;
    let source = Source::of(&spec).map_err(|error| CommandError::of(Exit::Usage, &error))?;
    let source = source.expect("a file or a reference was named");
    let (locked, component) = current(&directory, &context.registries(), source)?;
    let runtime = context.asking_runtime();
    let cache = context.compile_cache();
    let wasi = consent_to_wasi(&spec);
    let plugin = Plugin::third_party(&runtime, name.clone(), &component, cache.as_ref(), wasi)?;
    let about = plugin.description();
    let given = if args.grants.is_empty() && context.ui.can_ask() {
        ask(&context.ui, about)?
    } else {
        args.grants.clone()
    };
    spec.grants = grant::granted(&given, &about.grants)?;

    let mut edit = Edit::begin(&args.stack.stack)?;
    free_name(&edit.outline, &args.name)?;
    let stack_text = entry(&edit.files, &spec)?;
    change::check(&name, &edit.lock, &locked, args.consent)?;
    edit.lock.plugins.insert(name.clone(), locked);
    edit.write(&stack_text)?;

    report(&context.ui, &plugin, &spec.grants);
    Ok(Exit::Clean)
}

/// What the user grants of what a plugin asks for, one by one.
fn ask(ui: &Ui, about: &Description) -> Result<Vec<Grant>, CommandError> {
    let mut given = Vec::new();
    for grant in grant::each(&grant::as_asked(&about.grants)) {
        let question = format!("{} asks for {grant}. Grant it?", about.name);
        let answer = ui.confirm(&question).map_err(|error| {
            let message = format!("cannot ask for what {} may: {error}", about.name);
            CommandError::new(Exit::Incomplete, message).hint("say it with `--grant`")
        })?;
        if answer {
            given.push(grant);
        }
    }
    Ok(given)
}

fn report(ui: &Ui, plugin: &Plugin<'_>, granted: &GrantSpec) {
    let (name, about) = (plugin.name(), plugin.description());
    ui.line(&format!("added {name}: {} {}", about.name, about.version));
    let asked = grant::each(&grant::as_asked(&about.grants));
    for grant in &asked {
        ui.line(&format!("  asks for  {grant}"));
    }
    for grant in grant::each(granted) {
        ui.line(&format!("  granted   {grant}"));
    }
    if *granted == GrantSpec::default() && !asked.is_empty() {
        let options = grant::options(&asked);
        ui.note(&format!(
            "it may nothing of that yet: add `grants` to `spec.plugins.{name}`, or have it added with\n  {options}"
        ));
    }
    ui.report(
        "PluginAdd",
        &json!({"name": name, "plugin": description::to_json(plugin), "granted": grant::to_json(granted)}),
    );
}

fn free_name(outline: &Outline, text: &str) -> Result<PluginName, CommandError> {
    let usage = |message: String| CommandError::new(Exit::Usage, message);
    let name = PluginName::new(text)
        .filter(|name| name.as_str() != "stack")
        .ok_or_else(|| {
            usage(format!("`{text}` cannot name a plugin"))
                .hint("use lower-case letters, digits and `-`; `stack` is taken")
        })?;
    if first_party().iter().any(|plugin| plugin.name == text) {
        return Err(usage(format!("`{name}` is built in")).hint(format!(
            "list it in the stack as `{name}: {{}}`, or take another name"
        )));
    }
    if outline.plugins.contains_key(&name) {
        return Err(usage(format!("the stack has a plugin `{name}` already"))
            .hint(format!("to pin it anew: `ztgit plugin update {name}`")));
    }
    Ok(name)
}

/// What the stack will say of the plugin's source.
fn source(directory: &Path, args: &Args) -> Result<PluginSpec, CommandError> {
    let usage = |message: String| CommandError::new(Exit::Usage, message);
    if directory.join(&args.source).is_file() {
        if args.verify.is_some() {
            return Err(usage(
                "`--verify` is for components from a registry".to_owned(),
            ));
        }
        return Ok(PluginSpec {
            path: Some(args.source.clone()),
            wasi: args.wasi,
            ..PluginSpec::default()
        });
    }
    let reference: Reference = args.source.parse().map_err(|error| {
        usage(format!(
            "there is no file {} in the stack's directory, and {error}",
            args.source
        ))
    })?;
    Ok(PluginSpec {
        oci: Some(reference.to_string()),
        verify: args.verify.as_deref().map(public_key).transpose()?,
        wasi: args.wasi,
        ..PluginSpec::default()
    })
}

fn public_key(path: &Path) -> Result<VerifySpec, CommandError> {
    let text = fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read {}: {error}", path.display());
        CommandError::new(Exit::Incomplete, message)
    })?;
    let key = PublicKey::from_pem(&text)
        .map_err(|error| CommandError::new(Exit::Usage, format!("{}: {error}", path.display())))?;
    Ok(VerifySpec {
        public_key: key.to_pem(),
    })
}
