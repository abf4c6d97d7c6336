//! Namespaces: those that the stack declares and those that facts ask for. The
//! host alone emits them.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use ztgit_plugin::cluster::Labels;
use ztgit_plugin::fact::NamespaceFact;
use ztgit_plugin::{Phase, StandardFact};

use super::layout::{Layout, Placed, stack_unit};
use crate::diagnostic::Diagnostic;
use crate::plan::ClusterPlan;

/// The label by which people and admission policies see a namespace's mode.
const MODE_LABEL: &str = "ztgit.dev/mode";

struct Wanted {
    emit: Emit,
    /// Label -> (value, who wants it).
    labels: BTreeMap<String, (String, String)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Emit {
    /// The whole object.
    Object,
    /// Labels only, on an object that is somebody else's.
    LabelsOnly,
    /// Nothing: its owner must set what is needed.
    Never,
}

/// All Namespaces of a cluster.
pub(super) fn objects(plan: &ClusterPlan<'_>, layout: &mut Layout<'_>) -> Vec<Placed> {
    let mut wanted: BTreeMap<String, Wanted> = BTreeMap::new();
    for (name, namespace) in &plan.source.cluster.namespaces {
        let emit = if namespace.create {
            Emit::Object
        } else {
            not_ours(plan, name)
        };
        let mut entry = Wanted {
            emit,
            labels: BTreeMap::new(),
        };
        if emit == Emit::Object {
            entry.want(MODE_LABEL, namespace.mode.name(), "stack");
        }
        entry.want_all(&namespace.labels, "stack");
        wanted.insert(name.clone(), entry);
    }
    for stated in plan
        .facts
        .iter()
        .filter(|stated| stated.fact.kind == NamespaceFact::KIND)
    {
        let fact: NamespaceFact = serde_json::from_value(stated.fact.value.clone())
            .expect("facts are checked against their schema");
        let entry = wanted.entry(fact.name.clone()).or_insert_with(|| {
            let mut undeclared = Wanted {
                emit: initial(plan, &fact.name),
                labels: BTreeMap::new(),
            };
            if undeclared.emit == Emit::Object {
                let mode = plan.source.cluster.undeclared_namespaces.mode;
                undeclared.want(MODE_LABEL, mode.name(), "stack");
            }
            undeclared
        });
        for (label, value) in &fact.labels {
            if let Some((other, provider)) = entry.want(label, value, &stated.provider) {
                let place = plan.source.merged.place(["namespaces", &fact.name]);
                layout.report(
                    Diagnostic::error(
                        "namespace-label",
                        format!(
                            "namespace `{}` is to have `{label}: {value}` for `{}` and `{label}: {other}` for `{provider}`",
                            fact.name, stated.provider
                        ),
                    )
                    .at(place),
                );
            }
        }
    }
    wanted
        .iter()
        .filter_map(|(name, wanted)| object(name, wanted, plan, layout))
        .collect()
}

fn initial(plan: &ClusterPlan<'_>, name: &str) -> Emit {
    match name {
        "default" | "kube-node-lease" | "kube-public" | "kube-system" => Emit::LabelsOnly,
        _ if name == plan.source.cluster.flux.namespace => Emit::Never,
        _ => Emit::Object,
    }
}

fn not_ours(plan: &ClusterPlan<'_>, name: &str) -> Emit {
    match initial(plan, name) {
        Emit::Object => Emit::Never,
        other => other,
    }
}

impl Wanted {
    /// Comes back with what somebody else wants instead.
    fn want(&mut self, label: &str, value: &str, who: &str) -> Option<(String, String)> {
        match self.labels.get(label) {
            Some((other, provider)) if other != value => Some((other.clone(), provider.clone())),
            Some(_) => None,
            None => {
                self.labels
                    .insert(label.to_owned(), (value.to_owned(), who.to_owned()));
                None
            }
        }
    }

    fn want_all(&mut self, labels: &Labels, who: &str) {
        for (label, value) in labels {
            self.labels
                .insert(label.clone(), (value.clone(), who.to_owned()));
        }
    }
}

fn object(
    name: &str,
    wanted: &Wanted,
    plan: &ClusterPlan<'_>,
    layout: &mut Layout<'_>,
) -> Option<Placed> {
    let labels: Map<String, Value> = wanted
        .labels
        .iter()
        .map(|(label, (value, _))| (label.clone(), value.clone().into()))
        .collect();
    let mut metadata = json!({"name": name});
    if !labels.is_empty() {
        metadata["labels"] = Value::Object(labels);
    }
    match wanted.emit {
        Emit::Object => {}
        Emit::LabelsOnly if wanted.labels.is_empty() => return None,
        // Flux then sets these labels and leaves everything else alone.
        Emit::LabelsOnly => {
            metadata["annotations"] = json!({"kustomize.toolkit.fluxcd.io/ssa": "Merge"});
        }
        Emit::Never => {
            report_foreign(name, wanted, plan, layout);
            return None;
        }
    }
    Some(Placed {
        unit: stack_unit(Phase::Namespaces),
        object: json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}),
        namespace: None,
        health: None,
    })
}

fn report_foreign(name: &str, wanted: &Wanted, plan: &ClusterPlan<'_>, layout: &mut Layout<'_>) {
    let needed: Vec<String> = wanted
        .labels
        .iter()
        .filter(|(_, (_, who))| who != "stack")
        .map(|(label, (value, who))| format!("`{label}: {value}` (for `{who}`)"))
        .collect();
    if !needed.is_empty() {
        layout.report(
            Diagnostic::warning(
                "namespace-labels-needed",
                format!(
                    "namespace `{name}` is not ztgit's, and must carry {}",
                    needed.join(", ")
                ),
            )
            .at(plan.source.merged.place(["namespaces", name])),
        );
    }
}
