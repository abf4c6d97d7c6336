//! Kubernetes objects: grants, identity, the strict check, and the annotations
//! that Flux needs.

use std::collections::BTreeMap;

use serde_json::Value;
use ztgit_plugin::{Manifest, Phase, Prune, pointer};

use super::PLUGIN_OUTPUT;
use super::kinds::Kinds;
use super::layout::{Layout, Placed, stack, stack_unit};
use crate::check::objects::{Checked, ObjectSchemas, Violation};
use crate::check::secrets;
use crate::diagnostic::{Diagnostic, Span};
use crate::flux::UnitName;
use crate::name::PluginName;
use crate::plan::{GrantExceeded, Named, Plugins};
use crate::stack::{HandWritten, Node};

const PRUNE: &str = "kustomize.toolkit.fluxcd.io/prune";
const SUBSTITUTE: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// Objects of a cluster until all are known: the schema of a custom kind may
/// come with another plugin's CRD, and lint rules look at all of them at once.
#[derive(Default)]
pub(super) struct Collector<'p> {
    objects: Vec<Collected<'p>>,
    seen: BTreeMap<Identity, PluginName>,
}

/// An object and who made it.
pub(super) struct Collected<'p> {
    pub(super) placed: Placed,
    pub(super) origin: Origin<'p>,
    identity: Identity,
}

/// What tells two objects apart: an API server's versions of a kind are one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Identity {
    group: String,
    kind: String,
    namespace: Option<String>,
    name: String,
}

/// Who made an object.
#[derive(Clone, Copy)]
pub(super) enum Origin<'p> {
    /// The plugin of its unit.
    Plugin,
    /// The host itself.
    Host,
    /// The stack brings it along.
    HandWritten(&'p Node),
}

impl<'p> Collector<'p> {
    /// All that were taken.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Collected<'p>> {
        self.objects.iter()
    }

    /// Takes an object of the host's own.
    pub(super) fn add_own(&mut self, placed: Placed, layout: &mut Layout<'_>) {
        self.push(placed, Origin::Host, layout);
    }

    /// Takes a plugin's object.
    pub(super) fn add(&mut self, plugin: &PluginName, manifest: Manifest, layout: &mut Layout<'_>) {
        let object = &manifest.object;
        if manifest.phase == Phase::Namespaces
            || (object.kind() == "Namespace" && object.group().is_empty())
        {
            layout.report_output(
                plugin,
                format!(
                    "plugin `{plugin}` emits {} {} itself; a namespace is asked for by a fact",
                    object.kind(),
                    object.name()
                ),
            );
            return;
        }
        let namespace = object.namespace().map(str::to_owned);
        let unit = UnitName {
            phase: manifest.phase,
            plugin: plugin.clone(),
        };
        let mut object = manifest.object.into_value();
        if manifest.prune == Prune::Keep {
            annotate(&mut object, PRUNE);
        }
        let placed = Placed {
            unit,
            object,
            namespace,
            health: manifest.health,
        };
        self.push(placed, Origin::Plugin, layout);
    }

    /// Takes an object that the stack brings along.
    pub(super) fn add_hand_written(&mut self, manifest: &'p HandWritten, layout: &mut Layout<'_>) {
        if manifest.object["apiVersion"] == "v1" && manifest.object["kind"] == "Namespace" {
            layout.report(
                Diagnostic::error("namespace-manifest", "a Namespace is not hand-written")
                    .at(manifest.node.span)
                    .hint("declare it under `namespaces` of the cluster, with its labels"),
            );
            return;
        }
        let namespace = manifest.object["metadata"]["namespace"]
            .as_str()
            .map(str::to_owned);
        let placed = Placed {
            unit: stack_unit(manifest.phase),
            object: manifest.object.clone(),
            namespace,
            health: None,
        };
        self.push(placed, Origin::HandWritten(&manifest.node), layout);
    }

    fn push(&mut self, placed: Placed, origin: Origin<'p>, layout: &mut Layout<'_>) {
        let identity = Identity::of(&placed);
        let owner = &placed.unit.plugin;
        if let Some(other) = self.seen.get(&identity) {
            let Identity {
                kind,
                namespace,
                name,
                ..
            } = &identity;
            let place = namespace
                .as_ref()
                .map_or(String::new(), |n| format!("{n}/"));
            let message = format!("{kind} {place}{name} is emitted by `{other}` and by `{owner}`");
            match origin {
                Origin::Plugin | Origin::Host => layout.report_output(owner, message),
                Origin::HandWritten(node) => {
                    layout.report(Diagnostic::error("duplicate-object", message).at(node.span));
                }
            }
            return;
        }
        self.seen.insert(identity.clone(), owner.clone());
        self.objects.push(Collected {
            placed,
            origin,
            identity,
        });
    }

    /// Checks all objects and puts them into their units.
    pub(super) fn lay_out(
        self,
        kinds: &Kinds,
        plugins: &Plugins<'_>,
        layout: &mut Layout<'_>,
    ) -> Result<(), GrantExceeded> {
        let objects = self
            .objects
            .iter()
            .map(|collected| &collected.placed.object);
        let crds = objects.filter(|object| object["kind"] == "CustomResourceDefinition");
        let kinds = kinds.and_of(crds);
        for Collected {
            mut placed,
            origin,
            identity,
        } in self.objects
        {
            if matches!(origin, Origin::Plugin) {
                let api_version = placed.object["apiVersion"].as_str().unwrap_or_default();
                let scope = kinds.vouched.scope(api_version, &identity.kind);
                plugins
                    .granted(&placed.unit.plugin)
                    .check_object(&identity.named(), scope)?;
            }
            check(&placed, origin, &kinds.described, layout);
            if contains_substitution(&placed.object) {
                annotate(&mut placed.object, SUBSTITUTE);
            }
            layout.add_object(placed);
        }
        Ok(())
    }
}

impl Identity {
    fn of(placed: &Placed) -> Self {
        let object = &placed.object;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let api_version = text(&object["apiVersion"]);
        Self {
            group: api_version
                .split_once('/')
                .map_or("", |(group, _)| group)
                .to_owned(),
            kind: text(&object["kind"]),
            namespace: placed.namespace.clone(),
            name: text(&object["metadata"]["name"]),
        }
    }

    fn named(&self) -> Named<'_> {
        Named {
            group: &self.group,
            kind: &self.kind,
            namespace: self.namespace.as_deref(),
            name: &self.name,
        }
    }
}

fn check(placed: &Placed, origin: Origin<'_>, schemas: &ObjectSchemas, layout: &mut Layout<'_>) {
    let owner = &placed.unit.plugin;
    let object = &placed.object;
    let kind = object["kind"].as_str().unwrap_or_default();
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    if secrets::is_plain_secret(object) {
        let span = place(layout, owner, origin, "");
        layout.report(
            Diagnostic::error(
                "secret",
                format!("Secret {name} would be committed unencrypted"),
            )
            .at(span)
            .hint("make it in the cluster, by hand or by External Secrets, and refer to it"),
        );
    }
    let violations = match schemas.check(object) {
        Checked::Known(violations) => violations,
        Checked::Unknown(unknown) => {
            let message = format!(
                "{kind} {name} is of {}, which nothing describes: its fields are not checked",
                unknown.api_version
            );
            let span = place(layout, owner, origin, "");
            let mut diagnostic = Diagnostic::warning("unknown-kind", message).at(span);
            if let Some(hint) = unknown.hint {
                diagnostic = diagnostic.hint(hint);
            }
            layout.report(diagnostic);
            unknown.violations
        }
    };
    for violation in violations {
        report_violation(&violation, kind, name, owner, origin, layout);
    }
}

fn report_violation(
    violation: &Violation,
    kind: &str,
    name: &str,
    owner: &PluginName,
    origin: Origin<'_>,
    layout: &mut Layout<'_>,
) {
    let Violation {
        pointer,
        message,
        hint,
    } = violation;
    let message = format!("{kind} {name}, {pointer}: {message}");
    let code = match origin {
        Origin::Plugin | Origin::Host => PLUGIN_OUTPUT,
        Origin::HandWritten(_) => "invalid-object",
    };
    let span = place(layout, owner, origin, pointer);
    let mut diagnostic = Diagnostic::error(code, message).at(span);
    diagnostic.hints.extend(hint.clone());
    if *owner != stack() {
        diagnostic = diagnostic.hint(format!("plugin `{owner}` emits it"));
    }
    layout.report(diagnostic);
}

/// Where a part of an object comes from, as closely as that is known.
pub(super) fn place(
    layout: &Layout<'_>,
    owner: &PluginName,
    origin: Origin<'_>,
    pointer: &str,
) -> Span {
    match origin {
        Origin::Plugin | Origin::Host => layout.plugin_place(owner),
        Origin::HandWritten(node) => node.place(pointer::segments(pointer)),
    }
}

/// Whether Flux's variable substitution would change the object, were a parent
/// Kustomization to switch it on.
fn contains_substitution(value: &Value) -> bool {
    // Nearly no text has a dollar, and all texts of a fleet come by here.
    let changes = |text: &str| {
        let mut dollars = text.match_indices('$');
        dollars.any(|(at, _)| matches!(text.as_bytes().get(at + 1), Some(b'{' | b'$')))
    };
    match value {
        Value::String(text) => changes(text),
        Value::Array(items) => items.iter().any(contains_substitution),
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| changes(key) || contains_substitution(value)),
        _ => false,
    }
}

/// Sets a `kustomize.toolkit.fluxcd.io` annotation to `disabled`.
pub(super) fn annotate(object: &mut Value, annotation: &str) {
    if let Some(metadata) = object["metadata"].as_object_mut() {
        let annotations = metadata
            .entry("annotations")
            .or_insert_with(|| Value::Object(serde_json::Map::new()));
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.insert(annotation.to_owned(), "disabled".into());
        }
    }
}
