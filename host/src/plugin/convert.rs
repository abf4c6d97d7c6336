//! Between the WIT's types and the SDK's. What is a text in the WIT and means
//! JSON is parsed here.

use serde_json::Value;
use ztgit_plugin::artifact as a;
use ztgit_plugin::description as d;
use ztgit_plugin::diagnostic::{Diagnostic, Place, Severity};
use ztgit_plugin::fact as f;
use ztgit_plugin::object::Object;

use super::bindings::exports::ztgit::plugin::plugin as wit;
use super::error::{escaped, one_line};
use super::json::{Parser, Problem};

type Converted<T> = Result<T, Problem>;

pub(super) fn description(
    answer: wit::Description,
    json: &mut Parser,
) -> Converted<d::Description> {
    let mut description = d::Description::new(
        &one_line(&answer.name),
        &one_line(&answer.version),
        &escaped(&answer.summary),
    );
    description.config_schema = json.parse("the config's schema", &answer.config_schema)?;
    for kind in answer.provides {
        let schema = if kind.schema.is_empty() {
            Value::Null
        } else {
            json.parse(&format!("the schema of fact `{}`", kind.kind), &kind.schema)?
        };
        description.provides.push((one_line(&kind.kind), schema));
    }
    for need in answer.consumes {
        let cardinality = match need.cardinality {
            wit::Cardinality::One => d::Cardinality::One,
            wit::Cardinality::Many => d::Cardinality::Many,
        };
        description
            .consumes
            .push((one_line(&need.kind), cardinality));
    }
    for schema in answer.schemas {
        description.schemas.push(d::ObjectSchema {
            schema: json.parse(&format!("the schema of {}", schema.kind), &schema.schema)?,
            api_version: one_line(&schema.api_version),
            kind: one_line(&schema.kind),
            scope: match schema.scope {
                wit::ObjectScope::Namespaced => d::ObjectScope::Namespaced,
                wit::ObjectScope::Cluster => d::ObjectScope::Cluster,
            },
        });
    }
    let shown = |texts: &[String]| texts.iter().map(|text| one_line(text)).collect();
    let grants = &answer.grants;
    description.grants = d::Grants {
        namespaces: shown(&grants.namespaces),
        cluster_kinds: shown(&grants.cluster_kinds),
        host_paths: shown(&grants.host_paths),
        facts: grants
            .facts
            .iter()
            .map(|f| (one_line(&f.kind), shown(&f.limits)))
            .collect(),
    };
    Ok(description)
}

pub(super) fn statement(answer: wit::Statement, json: &mut Parser) -> Converted<f::Statement> {
    Ok(f::Statement {
        facts: answer
            .facts
            .into_iter()
            .map(|stated| fact(stated, json))
            .collect::<Converted<_>>()?,
        diagnostics: answer.diagnostics.into_iter().map(diagnostic).collect(),
    })
}

fn fact(fact: wit::Fact, json: &mut Parser) -> Converted<f::Fact> {
    Ok(f::Fact {
        value: json.parse(&format!("a fact `{}`", fact.kind), &fact.value)?,
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

pub(super) fn rendering(answer: wit::Rendering, json: &mut Parser) -> Converted<a::Rendering> {
    Ok(a::Rendering {
        artifacts: answer
            .artifacts
            .into_iter()
            .map(|given| artifact(given, json))
            .collect::<Converted<_>>()?,
        diagnostics: answer.diagnostics.into_iter().map(diagnostic).collect(),
    })
}

fn artifact(artifact: wit::Artifact, json: &mut Parser) -> Converted<a::Artifact> {
    Ok(match artifact {
        wit::Artifact::Manifest(manifest) => a::Artifact::Manifest(self::manifest(manifest, json)?),
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

fn manifest(manifest: wit::Manifest, json: &mut Parser) -> Converted<a::Manifest> {
    let Value::Object(object) = json.parse("an object", &manifest.object)? else {
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
        owner: a::Owner {
            user: file.owner.user,
            group: file.owner.group,
        },
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
