//! The WebAssembly side: the WIT's types, and the way from them to this
//! crate's.

use serde_json::Value;

use crate::artifact as a;
use crate::cluster::Cluster;
use crate::description as d;
use crate::diagnostic::{self, Diagnostic};
use crate::fact::{self, Facts};
use crate::object::Object;
use crate::{Plugin, config_schema};

/// What wit-bindgen makes of `wit/plugin.wit`.
#[allow(
    missing_docs,
    clippy::pedantic,
    unsafe_code,
    unreachable_pub,
    unused_qualifications
)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "renderer",
        pub_export_macro: true,
        export_macro_name: "export_renderer",
        default_bindings_module: "ztgit_plugin::guest::bindings",
        runtime_path: "ztgit_plugin::guest::rt",
    });
}

pub use wit_bindgen::rt;

use bindings::exports::ztgit::plugin::plugin as wit;

/// Writes a line to the host, at `info`.
pub(crate) fn log(message: &str) {
    bindings::ztgit::plugin::log::write(bindings::ztgit::plugin::log::Level::Info, message);
}

/// `describe` of a plugin.
pub fn describe<P: Plugin>() -> wit::Description {
    install_panic_hook();
    let description = P::describe();
    wit::Description {
        name: description.name,
        version: description.version,
        summary: description.summary,
        config_schema: config_schema::<P>().to_string(),
        provides: description
            .provides
            .into_iter()
            .map(|(kind, schema)| wit::FactKind {
                kind,
                schema: if schema.is_null() {
                    String::new()
                } else {
                    schema.to_string()
                },
            })
            .collect(),
        consumes: description
            .consumes
            .into_iter()
            .map(|(kind, cardinality)| wit::FactNeed {
                kind,
                cardinality: match cardinality {
                    d::Cardinality::One => wit::Cardinality::One,
                    d::Cardinality::Many => wit::Cardinality::Many,
                },
            })
            .collect(),
        schemas: description
            .schemas
            .into_iter()
            .map(|schema| wit::ObjectSchema {
                api_version: schema.api_version,
                kind: schema.kind,
                scope: match schema.scope {
                    d::ObjectScope::Namespaced => wit::ObjectScope::Namespaced,
                    d::ObjectScope::Cluster => wit::ObjectScope::Cluster,
                },
                schema: schema.schema.to_string(),
            })
            .collect(),
        grants: wit::Grants {
            namespaces: description.grants.namespaces,
            cluster_kinds: description.grants.cluster_kinds,
            host_paths: description.grants.host_paths,
            facts: description
                .grants
                .facts
                .into_iter()
                .map(|(kind, limits)| wit::FactGrant { kind, limits })
                .collect(),
        },
    }
}

/// `facts` of a plugin.
pub fn facts<P: Plugin>(cluster: &str, config: &str) -> wit::Statement {
    install_panic_hook();
    let statement = P::facts(&parse_cluster(cluster), &parse_config::<P>(config));
    wit::Statement {
        facts: statement.facts.into_iter().map(fact_to_wit).collect(),
        diagnostics: statement
            .diagnostics
            .into_iter()
            .map(diagnostic_to_wit)
            .collect(),
    }
}

/// `render` of a plugin.
pub fn render<P: Plugin>(
    cluster: &str,
    config: &str,
    facts: Vec<wit::StatedFact>,
) -> wit::Rendering {
    install_panic_hook();
    let facts = Facts::new(facts.into_iter().map(stated_from_wit).collect());
    let rendering = P::render(&parse_cluster(cluster), &parse_config::<P>(config), &facts);
    wit::Rendering {
        artifacts: rendering
            .artifacts
            .into_iter()
            .map(artifact_to_wit)
            .collect(),
        diagnostics: rendering
            .diagnostics
            .into_iter()
            .map(diagnostic_to_wit)
            .collect(),
    }
}

/// A panic's message would be lost in the trap; the log carries it out.
fn install_panic_hook() {
    std::panic::set_hook(Box::new(|info| {
        bindings::ztgit::plugin::log::write(
            bindings::ztgit::plugin::log::Level::Error,
            &info.to_string(),
        );
    }));
}

fn parse_cluster(text: &str) -> Cluster {
    serde_json::from_str(text).expect("the host hands over a cluster of this WIT version")
}

fn parse_config<P: Plugin>(text: &str) -> P::Config {
    match serde_json::from_str(text) {
        Ok(config) => config,
        // The schema that the host checked is derived from the same type.
        Err(error) => panic!("the config passed its schema but not its type: {error}"),
    }
}

fn fact_to_wit(fact: fact::Fact) -> wit::Fact {
    wit::Fact {
        kind: fact.kind,
        scope: match fact.scope {
            fact::FactScope::Cluster => wit::FactScope::Cluster,
            fact::FactScope::Nodes(nodes) => wit::FactScope::Nodes(nodes),
        },
        value: text(fact.value),
    }
}

fn stated_from_wit(stated: wit::StatedFact) -> fact::StatedFact {
    let value: Value =
        serde_json::from_str(&stated.fact.value).expect("the host hands over valid JSON");
    fact::StatedFact {
        provider: stated.provider,
        fact: fact::Fact {
            kind: stated.fact.kind,
            scope: match stated.fact.scope {
                wit::FactScope::Cluster => fact::FactScope::Cluster,
                wit::FactScope::Nodes(nodes) => fact::FactScope::Nodes(nodes),
            },
            value,
        },
    }
}

fn diagnostic_to_wit(diagnostic: Diagnostic) -> wit::Diagnostic {
    wit::Diagnostic {
        severity: match diagnostic.severity {
            diagnostic::Severity::Error => wit::Severity::Error,
            diagnostic::Severity::Warning => wit::Severity::Warning,
            diagnostic::Severity::Info => wit::Severity::Info,
        },
        code: diagnostic.code,
        message: diagnostic.message,
        place: match diagnostic.place {
            diagnostic::Place::Config(pointer) => wit::Place::Config(pointer),
            diagnostic::Place::Cluster(pointer) => wit::Place::Cluster(pointer),
            diagnostic::Place::Fact(index) => wit::Place::Fact(index),
        },
        hints: diagnostic.hints,
    }
}

/// A value as JSON.
fn text(value: Value) -> String {
    // Not by `Display`, which passes every token through a formatter.
    forgetting(value, |value| {
        serde_json::to_string(value).expect("a value is JSON")
    })
}

/// The text of something that is not taken apart: an instance answers one call, and its
/// memory goes with it.
fn forgetting<T>(value: T, text: impl FnOnce(&T) -> String) -> String {
    let text = text(&value);
    std::mem::forget(value);
    text
}

fn artifact_to_wit(artifact: a::Artifact) -> wit::Artifact {
    match artifact {
        a::Artifact::Manifest(manifest) => wit::Artifact::Manifest(wit::Manifest {
            phase: phase_to_wit(manifest.phase),
            object: forgetting(manifest.object, Object::to_text),
            prune: match manifest.prune {
                a::Prune::Prune => wit::Prune::Prune,
                a::Prune::Keep => wit::Prune::Keep,
            },
            health: manifest.health.map(|health| wit::Health {
                current: health.current,
                in_progress: health.in_progress,
                failed: health.failed,
                timeout_seconds: health.timeout_seconds,
            }),
        }),
        a::Artifact::Awaited(awaited) => wit::Artifact::Awaited(wit::Awaited {
            phase: phase_to_wit(awaited.phase),
            api_version: awaited.api_version,
            kind: awaited.kind,
            namespace: awaited.namespace,
            name: awaited.name,
        }),
        a::Artifact::File(file) => wit::Artifact::File(wit::File {
            target: match file.target {
                a::FileTarget::Node(name) => wit::FileTarget::Node(name),
                a::FileTarget::Client(name) => wit::FileTarget::Client(name),
            },
            path: file.path,
            mode: file.mode,
            owner: wit::Owner {
                user: file.owner.user,
                group: file.owner.group,
            },
            activation: file.activation.into_iter().map(activation_to_wit).collect(),
            lifecycle: match file.lifecycle {
                a::Lifecycle::Managed => wit::Lifecycle::Managed,
                a::Lifecycle::WriteOnce => wit::Lifecycle::WriteOnce,
            },
            content: file.content,
        }),
    }
}

fn activation_to_wit(step: a::Activation) -> wit::Activation {
    match step {
        a::Activation::DaemonReload => wit::Activation::DaemonReload,
        a::Activation::Reload(unit) => wit::Activation::Reload(unit),
        a::Activation::Restart(unit) => wit::Activation::Restart(unit),
        a::Activation::Enable(unit) => wit::Activation::Enable(unit),
        a::Activation::LoadNftables => wit::Activation::LoadNftables,
        a::Activation::SyncWireguard(interface) => wit::Activation::SyncWireguard(interface),
        a::Activation::ApplySysctl => wit::Activation::ApplySysctl,
    }
}

fn phase_to_wit(phase: a::Phase) -> wit::Phase {
    match phase {
        a::Phase::Namespaces => wit::Phase::Namespaces,
        a::Phase::Crds => wit::Phase::Crds,
        a::Phase::Network => wit::Phase::Network,
        a::Phase::Allow => wit::Phase::Allow,
        a::Phase::Enforce => wit::Phase::Enforce,
        a::Phase::Platform => wit::Phase::Platform,
        a::Phase::Config => wit::Phase::Config,
        a::Phase::Ingress => wit::Phase::Ingress,
        a::Phase::Apps => wit::Phase::Apps,
    }
}
