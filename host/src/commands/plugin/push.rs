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
    /// Have the tag of a version stand for this component from now on, whatever it stands for
    #[arg(long)]
    overwrite: bool,
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
        replace(tag, args.overwrite),
        key.as_ref(),
    )?;
    let (verb, digest) = match pushed {
        Pushed::New(digest) => ("pushed", digest),
        Pushed::Unchanged(digest) => ("up to date:", digest),
    };
    let pinned = args.reference.pinned(digest);
    context.ui.line(&format!("{verb} {pinned}"));
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

/// `latest` is there to be moved, `1.2.0` is not.
fn replace(tag: &Tag, overwrite: bool) -> Replace {
    if overwrite || super::version(tag.as_str()).is_none() {
        Replace::OnAnyChange
    } else {
        Replace::Never
    }
}

fn annotations(description: &Description) -> BTreeMap<String, String> {
    let annotation =
        |key: &str, value: &str| (!value.is_empty()).then(|| (key.to_owned(), value.to_owned()));
    [
        annotation("org.opencontainers.image.title", &description.name),
        annotation(wasm::VERSION_ANNOTATION, &description.version),
        annotation("org.opencontainers.image.description", &description.summary),
    ]
    .into_iter()
    .flatten()
    .collect()
}
