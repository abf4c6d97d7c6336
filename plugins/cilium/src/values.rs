//! The values of Cilium's chart.
//!
//! In go the cluster, the config and other plugins' `cilium-values`; out comes
//! one tree for the HelmRelease and for the bootstrap. Precedence is none
//! among plugins (a disagreement is an error) and the stack's own `values`
//! over all. Invariant: the pinned chart reads every key that somebody sets.

mod advice;
mod base;
mod check;
mod coherence;
mod known;
mod merge;

use serde_json::{Map, Value, json};
use ztgit_plugin::fact::CiliumValues;
use ztgit_plugin::{Cluster, Diagnostic, Facts};

use crate::config::Config;
use crate::release::{Line, Release};
use known::Known;
use merge::{Conflict, Merged, Origin, leaves, overlay};

/// The chart's values, and what is wrong with them.
pub(crate) fn chart_values(
    cluster: &Cluster,
    config: &Config,
    release: &Release,
    facts: &Facts,
) -> (Map<String, Value>, Vec<Diagnostic>) {
    let (own, mut diagnostics) = base::values(cluster, config, release, facts);
    diagnostics.extend(misfits(config, release.line, facts));
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
    name_gateway_class(&mut values);
    diagnostics.extend(coherence::check(cluster, config, &values));
    (values, diagnostics)
}

/// What the chart does not read, each at its place.
fn misfits(config: &Config, line: Line, facts: &Facts) -> Vec<Diagnostic> {
    if config.values.is_empty() && facts.of::<CiliumValues>().next().is_none() {
        // Unpacking what the chart reads takes most of a render's time.
        return Vec::new();
    }
    let known = Known::of(line);
    let stated = facts.of::<CiliumValues>().flat_map(|fact| {
        check::misfits(&known, &fact.value.values)
            .into_iter()
            .map(|misfit| misfit.diagnostic(line, &known).at_fact(fact.index))
            .collect::<Vec<_>>()
    });
    let own = check::misfits(&known, &config.values)
        .into_iter()
        .map(|misfit| {
            let place = misfit.path.iter().map(String::as_str);
            misfit
                .diagnostic(line, &known)
                .at_config(["values"].into_iter().chain(place))
        });
    stated.chain(own).collect()
}

/// By default the chart makes the class only if it sees Gateway API at that
/// moment, and an upgrade that does not see it takes the class away.
fn name_gateway_class(values: &mut Map<String, Value>) {
    let gateway = values.get("gatewayAPI").unwrap_or(&Value::Null);
    let on = gateway.get("enabled") == Some(&Value::Bool(true));
    if on && gateway.pointer("/gatewayClass/create").is_none() {
        let class = json!({"gatewayClass": {"create": "true"}});
        overlay(values, [("gatewayAPI".to_owned(), class)]);
    }
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
