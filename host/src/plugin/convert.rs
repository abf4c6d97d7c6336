//! Between the WIT's types and the SDK's. What is a text in the WIT and means
//! JSON is parsed here; nothing unparsed gets further in.

use serde_json::Value;
use ztgit_plugin::artifact as a;
use ztgit_plugin::description as d;
use ztgit_plugin::diagnostic::{Diagnostic, Place, Severity};
use ztgit_plugin::fact as f;
use ztgit_plugin::object::Object;

use super::bindings::exports::ztgit::plugin::plugin as wit;
use super::error::escaped;

/// What is wrong with an answer.
pub(super) struct Problem(pub(super) String);

type Converted<T> = Result<T, Problem>;

fn json(what: &str, text: &str) -> Converted<Value> {
    serde_json::from_str(text).map_err(|error| Problem(format!("{what} is not JSON: {error}")))
}

pub(super) fn description(answer: wit::Description) -> Converted<d::Description> {
    let mut description = d::Description::new(&answer.name, &answer.version, &answer.summary);
    description.config_schema = json("the config's schema", &answer.config_schema)?;
    for kind in answer.provides {
        let schema = if kind.schema.is_empty() {
            Value::Null
        } else {
            json(&format!("the schema of fact `{}`", kind.kind), &kind.schema)?
        };
        description.provides.push((kind.kind, schema));
    }
    for need in answer.consumes {
        let cardinality = match need.cardinality {
            wit::Cardinality::One => d::Cardinality::One,
            wit::Cardinality::Many => d::Cardinality::Many,
        };
        description.consumes.push((need.kind, cardinality));
    }
    for schema in answer.schemas {
        description.schemas.push(d::ObjectSchema {
            schema: json(&format!("the schema of {}", schema.kind), &schema.schema)?,
            api_version: schema.api_version,
            kind: schema.kind,
            scope: match schema.scope {
                wit::ObjectScope::Namespaced => d::ObjectScope::Namespaced,
                wit::ObjectScope::Cluster => d::ObjectScope::Cluster,
            },
        });
    }
    description.grants = d::Grants {
        namespaces: answer.grants.namespaces,
        cluster_kinds: answer.grants.cluster_kinds,
        host_paths: answer.grants.host_paths,
        facts: answer.grants.facts.into_iter().map(|grant| (grant.kind, grant.limits)).collect(),
    };
    Ok(description)
}

pub(super) fn statement(answer: wit::Statement) -> Converted<f::Statement> {
    Ok(f::Statement {
        facts: answer.facts.into_iter().map(fact).collect::<Converted<_>>()?,
        diagnostics: answer.diagnostics.into_iter().map(diagnostic).collect(),
    })
}

fn fact(fact: wit::Fact) -> Converted<f::Fact> {
    Ok(f::Fact {
        value: json(&format!("a fact `{}`", fact.kind), &fact.value)?,
        kind: fact.kind,
        scope: match fact.scope {
            wit::FactScope::Cluster => f::FactScope::Cluster,
            wit::FactScope::Nodes(nodes) => f::FactScope::Nodes(nodes),
        },
    })
}

pub(super) fn stated_fact(stated: &f::StatedFact) -> wit::StatedFact {
    wit::StatedFact {
        provider: stated.provider.clone(),
        fact: wit::Fact {
            kind: stated.fact.kind.clone(),
            scope: match &stated.fact.scope {
                f::FactScope::Cluster => wit::FactScope::Cluster,
                f::FactScope::Nodes(nodes) => wit::FactScope::Nodes(nodes.clone()),
            },
            value: stated.fact.value.to_string(),
        },
    }
}

pub(super) fn rendering(answer: wit::Rendering) -> Converted<a::Rendering> {
    Ok(a::Rendering {
        artifacts: answer.artifacts.into_iter().map(artifact).collect::<Converted<_>>()?,
        diagnostics: answer.diagnostics.into_iter().map(diagnostic).collect(),
    })
}

fn artifact(artifact: wit::Artifact) -> Converted<a::Artifact> {
    Ok(match artifact {
        wit::Artifact::Manifest(manifest) => a::Artifact::Manifest(self::manifest(manifest)?),
        wit::Artifact::File(file) => a::Artifact::File(self::file(file)),
        wit::Artifact::Awaited(awaited) => a::Artifact::Awaited(a::Awaited {
            phase: phase(awaited.phase),
            api_version: awaited.api_version,
            kind: awaited.kind,
            namespace: awaited.namespace,
            name: awaited.name,
        }),
    })
}

fn manifest(manifest: wit::Manifest) -> Converted<a::Manifest> {
    let Value::Object(object) = json("an object", &manifest.object)? else {
        return Err(Problem("a manifest is JSON but not an object".to_owned()));
    };
    Ok(a::Manifest {
        phase: phase(manifest.phase),
        object: Object::from_map(object),
        prune: match manifest.prune {
            wit::Prune::Prune => a::Prune::Prune,
            wit::Prune::Keep => a::Prune::Keep,
        },
        health: manifest.health.map(|health| a::Health {
            current: health.current,
            in_progress: health.in_progress,
            failed: health.failed,
            timeout_seconds: health.timeout_seconds,
        }),
    })
}

fn file(file: wit::File) -> a::File {
    a::File {
        target: match file.target {
            wit::FileTarget::Node(name) => a::FileTarget::Node(name),
            wit::FileTarget::Client(name) => a::FileTarget::Client(name),
        },
        path: file.path,
        mode: file.mode,
        owner: a::Owner { user: file.owner.user, group: file.owner.group },
        activation: file.activation.into_iter().map(activation).collect(),
        lifecycle: match file.lifecycle {
            wit::Lifecycle::Managed => a::Lifecycle::Managed,
            wit::Lifecycle::WriteOnce => a::Lifecycle::WriteOnce,
        },
        content: file.content,
    }
}

fn activation(step: wit::Activation) -> a::Activation {
    match step {
        wit::Activation::DaemonReload => a::Activation::DaemonReload,
        wit::Activation::Reload(unit) => a::Activation::Reload(unit),
        wit::Activation::Restart(unit) => a::Activation::Restart(unit),
        wit::Activation::Enable(unit) => a::Activation::Enable(unit),
        wit::Activation::LoadNftables => a::Activation::LoadNftables,
        wit::Activation::SyncWireguard(interface) => a::Activation::SyncWireguard(interface),
        wit::Activation::ApplySysctl => a::Activation::ApplySysctl,
    }
}

fn phase(phase: wit::Phase) -> a::Phase {
    match phase {
        wit::Phase::Namespaces => a::Phase::Namespaces,
        wit::Phase::Crds => a::Phase::Crds,
        wit::Phase::Network => a::Phase::Network,
        wit::Phase::Allow => a::Phase::Allow,
        wit::Phase::Enforce => a::Phase::Enforce,
        wit::Phase::Platform => a::Phase::Platform,
        wit::Phase::Config => a::Phase::Config,
        wit::Phase::Ingress => a::Phase::Ingress,
        wit::Phase::Apps => a::Phase::Apps,
    }
}

fn diagnostic(diagnostic: wit::Diagnostic) -> Diagnostic {
    Diagnostic {
        severity: match diagnostic.severity {
            wit::Severity::Error => Severity::Error,
            wit::Severity::Warning => Severity::Warning,
            wit::Severity::Info => Severity::Info,
        },
        code: escaped(&diagnostic.code),
        message: escaped(&diagnostic.message),
        place: match diagnostic.place {
            wit::Place::Config(pointer) => Place::Config(pointer),
            wit::Place::Cluster(pointer) => Place::Cluster(pointer),
            wit::Place::Fact(index) => Place::Fact(index),
        },
        hints: diagnostic.hints.iter().map(|hint| escaped(hint)).collect(),
    }
}
