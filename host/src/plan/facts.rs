//! Gathering facts: every plugin of a cluster is asked, each answer is checked,
//! then each unit gets what it consumes.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use ztgit_plugin::{Cardinality, Fact, FactScope, StatedFact};

use super::{ClusterPlan, PlanError, Plugins, Unit, locate};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::name::PluginName;
use crate::plugin::{CanonicalJson, Plugin};
use crate::stack::StackCluster;
use crate::stack::validate::Schema;

/// The schemas of all kinds of facts that the plugins state.
pub(super) struct Kinds {
    schemas: BTreeMap<(PluginName, String), Schema>,
}

impl Kinds {
    pub(super) fn new(plugins: &Plugins<'_>) -> Result<Self, PlanError> {
        let mut schemas = BTreeMap::new();
        for plugin in plugins.iter() {
            for (kind, own) in &plugin.description().provides {
                let schema =
                    ztgit_plugin::fact::standard_schema(kind).unwrap_or_else(|| own.clone());
                let schema = Schema::new(schema).map_err(|problem| PlanError::Description {
                    plugin: plugin.name().clone(),
                    problem: format!("the schema of fact `{kind}` is invalid: {problem}"),
                })?;
                schemas.insert((plugin.name().clone(), kind.clone()), schema);
            }
        }
        Ok(Self { schemas })
    }

    /// What is wrong with a fact, if anything.
    fn problem(&self, plugin: &PluginName, fact: &Fact, cluster: &StackCluster) -> Option<String> {
        let Some(schema) = self.schemas.get(&(plugin.clone(), fact.kind.clone())) else {
            return Some(format!(
                "it states `{}`, which it does not describe",
                fact.kind
            ));
        };
        if let Some(violation) = schema.first_violation(&fact.value) {
            return Some(format!(
                "its fact `{}` is invalid at {violation}",
                fact.kind
            ));
        }
        let FactScope::Nodes(nodes) = &fact.scope else {
            return None;
        };
        let unknown = nodes
            .iter()
            .find(|node| !cluster.cluster.nodes.contains_key(*node))?;
        Some(format!(
            "its fact `{}` concerns a node `{unknown}` that is not there",
            fact.kind
        ))
    }
}

/// Asks every plugin of a cluster and makes its units.
pub(super) fn gather<'s>(
    source: &'s StackCluster,
    plugins: &Plugins<'_>,
    kinds: &Kinds,
    given: &[StatedFact],
    diagnostics: &mut Diagnostics,
) -> Result<ClusterPlan<'s>, PlanError> {
    let mut plan = ClusterPlan::without_units(source);
    plan.facts.extend_from_slice(given);
    let taking_part: Vec<(&Plugin<'_>, CanonicalJson)> = source
        .configs
        .iter()
        .filter_map(|(name, config)| Some((plugins.get(name)?, CanonicalJson::of(&config.json))))
        .collect();
    let statements: Vec<_> = taking_part
        .par_iter()
        .map(|(plugin, config)| plugin.facts(&plan.json, config))
        .collect::<Result<_, _>>()?;
    for ((plugin, _), statement) in taking_part.iter().zip(statements) {
        let name = plugin.name();
        diagnostics.extend(
            statement
                .diagnostics
                .into_iter()
                .map(|d| locate(source, name, d, &[])),
        );
        for fact in statement.facts {
            if let Some(problem) = kinds.problem(name, &fact, source) {
                return Err(PlanError::Description {
                    plugin: name.clone(),
                    problem,
                });
            }
            plugins.granted(name).check_fact(&fact)?;
            plan.facts.push(StatedFact {
                provider: name.to_string(),
                fact,
            });
        }
    }
    plan.facts.sort_by_cached_key(sort_key);
    plan.units = taking_part
        .into_iter()
        .map(|(plugin, config)| unit(plugin, config, &plan.facts, source, diagnostics))
        .collect();
    Ok(plan)
}

type SortKey = (String, String, FactScope, String);

fn sort_key(stated: &StatedFact) -> SortKey {
    let fact = &stated.fact;
    (
        fact.kind.clone(),
        stated.provider.clone(),
        fact.scope.clone(),
        fact.value.to_string(),
    )
}

fn unit(
    plugin: &Plugin<'_>,
    config: CanonicalJson,
    facts: &[StatedFact],
    source: &StackCluster,
    diagnostics: &mut Diagnostics,
) -> Unit {
    let mut consumed = Vec::new();
    for (kind, cardinality) in &plugin.description().consumes {
        let of_kind = facts.iter().filter(|stated| stated.fact.kind == *kind);
        let providers: BTreeSet<&str> = of_kind.clone().map(|s| s.provider.as_str()).collect();
        if *cardinality == Cardinality::One && providers.len() != 1 {
            diagnostics.push(wrong_providers(plugin, kind, &providers, facts, source));
        }
        consumed.extend(of_kind.cloned());
    }
    consumed.sort_by_cached_key(sort_key);
    Unit {
        plugin: plugin.name().clone(),
        config,
        facts: consumed,
    }
}

fn wrong_providers(
    plugin: &Plugin<'_>,
    kind: &str,
    providers: &BTreeSet<&str>,
    facts: &[StatedFact],
    source: &StackCluster,
) -> Diagnostic {
    let name = plugin.name();
    let span = super::config_place(source, name.as_str(), "");
    if providers.is_empty() {
        let mut diagnostic = Diagnostic::error(
            "fact-missing",
            format!("plugin `{name}` needs a fact `{kind}`, and no plugin states one"),
        )
        .at(span);
        let kinds: BTreeSet<&str> = facts
            .iter()
            .map(|stated| stated.fact.kind.as_str())
            .collect();
        if let Some(hint) = did_you_mean(kind, kinds) {
            diagnostic = diagnostic.hint(hint);
        }
        return diagnostic;
    }
    let list: Vec<String> = providers
        .iter()
        .map(|provider| format!("`{provider}`"))
        .collect();
    Diagnostic::error(
        "fact-ambiguous",
        format!(
            "plugin `{name}` needs one fact `{kind}`, and {} state it",
            list.join(" and ")
        ),
    )
    .at(span)
    .hint("take all but one of them out of the cluster with `NAME: null` under `config`")
}
