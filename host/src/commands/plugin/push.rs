//! `ztgit plugin push`: a component into a registry.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;
use ztgit_plugin::Description;
use ztgit_registry::{Pushed, Reference, Replace, Tag, wasm};

use crate::commands::signing_key::signing_key;
use crate::context::Context;
use crate::error::{CommandError, Exit};
use crate::name::PluginName;
use crate::plugin::{Plugin, Wasi, interfaces};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The component's file
    file: PathBuf,
    /// Where to: `host/repository:tag`
    reference: Reference,
    /// Sign it with this key of cosign's; `COSIGN_PASSWORD` opens an encrypted one
    #[arg(long, value_name = "KEY")]
    sign: Option<PathBuf>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, CommandError> {
    let tag = tag(&args.reference)?;
    let key = args
        .sign
        .as_deref()
        .map(|path| signing_key(context, path))
        .transpose()?;
    let component = super::read_component(&args.file)?;
    let runtime = context.asking_runtime();
    let cache = context.compile_cache();
    let name = PluginName::new("pushed").expect("it is a DNS label");
    // What cannot be loaded is of no use to anybody.
    let plugin = Plugin::third_party(&runtime, name, &component, cache.as_ref(), Wasi::Frozen)?;
    let annotations = annotations(plugin.description());
    let (_, exports) = interfaces();
    let interfaces = wasm::Interfaces {
        exports: exports.into(),
        imports: plugin.imports()?.into_iter().collect(),
    };
    let artifact = wasm::artifact(component, interfaces, annotations);
    let registries = context.registries();
    let pushed = registries.client(&args.reference)?.push(
        args.reference.repository(),
        tag,
        &artifact,
        Replace::OnAnyChange,
        key.as_ref(),
    )?;
    let (verb, digest) = match pushed {
        Pushed::New(digest) => ("pushed", digest),
        Pushed::Unchanged(digest) => ("is there already:", digest),
    };
    context
        .ui
        .line(&format!("{verb} {}", args.reference.pinned(digest)));
    context.ui.report(
        "PluginPush",
        &json!({
            "reference": args.reference.to_string(),
            "manifest": digest.to_string(),
            "digest": plugin.digest(),
            "changed": matches!(pushed, Pushed::New(_)),
            "signed": key.is_some(),
        }),
    );
    Ok(Exit::Clean)
}

fn tag(reference: &Reference) -> Result<&Tag, CommandError> {
    match (reference.tag(), reference.digest()) {
        (Some(tag), None) => Ok(tag),
        _ => Err(
            CommandError::new(Exit::Usage, format!("{reference} is no place to push to"))
                .hint("name a tag, and no digest: that is what the push will tell"),
        ),
    }
}

fn annotations(description: &Description) -> BTreeMap<String, String> {
    let annotation = |key: &str, value: &str| {
        let key = format!("org.opencontainers.image.{key}");
        (!value.is_empty()).then(|| (key, value.to_owned()))
    };
    [
        annotation("title", &description.name),
        annotation("version", &description.version),
        annotation("description", &description.summary),
    ]
    .into_iter()
    .flatten()
    .collect()
}
