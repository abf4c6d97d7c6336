//! The values of Cilium's chart.
//!
//! In go the cluster, the config and other plugins' `cilium-values`; out comes
//! one tree for the HelmRelease and for the bootstrap. Precedence is none
//! among plugins (a disagreement is an error) and the stack's own `values`
//! over all.

pub(crate) mod base;
pub(crate) mod merge;

use serde_json::{Map, Value};
use ztgit_plugin::fact::CiliumValues;
use ztgit_plugin::{Cluster, Diagnostic, Facts};

use crate::config::Config;
use crate::release::Release;
use merge::{Conflict, Merged, Origin, leaves, overlay};

/// The chart's values, and what is wrong with them.
pub(crate) fn chart_values(
    cluster: &Cluster,
    config: &Config,
    release: &Release,
    facts: &Facts,
) -> (Map<String, Value>, Vec<Diagnostic>) {
    let (own, mut diagnostics) = base::values(cluster, config, release);
    let mut merged = Merged::default();
    merged.add(&Origin::Own, own);
    for fact in facts.of::<CiliumValues>() {
        let origin = Origin::Fact {
            provider: fact.provider.to_owned(),
            index: fact.index,
        };
        let conflicts = merged.add(&origin, fact.value.values);
        diagnostics.extend(
            conflicts
                .into_iter()
                .map(|conflict| disagreement(&conflict)),
        );
    }
    diagnostics.extend(overridden(&merged, config));
    let mut values = merged.into_values();
    overlay(&mut values, config.values.clone());
    (values, diagnostics)
}

fn disagreement(conflict: &Conflict) -> Diagnostic {
    let Conflict {
        key,
        first: (first, one),
        second: (second, other),
    } = conflict;
    let message = format!(
        "`{}` and `{}` want different values for `{key}`: {one} and {other}",
        first.name(),
        second.name()
    );
    let diagnostic = Diagnostic::error("values-conflict", message)
        .hint("change the config of one of the two plugins, or take it out");
    match second {
        Origin::Fact { index, .. } => diagnostic.at_fact(*index),
        Origin::Own => diagnostic,
    }
}

/// The stack's word is the last, but a plugin may stop working by it.
fn overridden(merged: &Merged, config: &Config) -> Vec<Diagnostic> {
    leaves(&config.values)
        .into_iter()
        .filter_map(|(path, value)| match merged.origin(&path) {
            Some(Origin::Fact { provider, .. }) if merged.at(&path) != Some(value) => {
                Some((path, provider))
            }
            _ => None,
        })
        .map(|(path, provider)| {
            let message = format!("`{}` overrides what `{provider}` needs", path.join("."));
            Diagnostic::warning("values-override", message)
                .at_config(
                    ["values"]
                        .into_iter()
                        .chain(path.iter().map(String::as_str)),
                )
                .hint(format!(
                    "leave the key to `{provider}`, or take that plugin out"
                ))
        })
        .collect()
}
