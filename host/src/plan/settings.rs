//! Each plugin's config against the schema that the plugin gives.

use std::collections::BTreeMap;

use super::{PlanError, Plugins, config_place};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::name::PluginName;
use crate::stack::StackCluster;
use crate::stack::validate::{Schema, Subject};

/// The config schemas of all plugins, ready for use.
pub(super) struct Settings {
    schemas: BTreeMap<PluginName, Schema>,
}

impl Settings {
    pub(super) fn new(plugins: &Plugins<'_>) -> Result<Self, PlanError> {
        let schemas = plugins
            .iter()
            .map(|plugin| {
                let schema = Schema::new(plugin.description().config_schema.clone());
                schema
                    .map(|schema| (plugin.name().clone(), schema))
                    .map_err(|problem| PlanError::Description {
                        plugin: plugin.name().clone(),
                        problem: format!("its config's schema is invalid: {problem}"),
                    })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { schemas })
    }

    /// Everything that is wrong with the configs of a cluster.
    pub(super) fn check(&self, cluster: &StackCluster) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        for (plugin, config) in &cluster.configs {
            let Some(schema) = self.schemas.get(plugin) else {
                continue;
            };
            let mut found = Diagnostics::default();
            schema.validate(
                &Subject {
                    node: &config.node,
                    json: &config.json,
                },
                &mut found,
            );
            diagnostics.extend(
                found
                    .into_iter()
                    .map(|d| explain_absence(d, cluster, plugin)),
            );
        }
        diagnostics
    }
}

/// What is missing from a config that the stack does not even mention needs
/// more than a place.
fn explain_absence(
    mut diagnostic: Diagnostic,
    cluster: &StackCluster,
    plugin: &PluginName,
) -> Diagnostic {
    if diagnostic.code == "missing-key" {
        diagnostic.message = format!(
            "{} from the config of plugin `{plugin}`",
            diagnostic.message
        )
        .replace("is missing from", "is missing in");
        let at_top = diagnostic.span == Some(config_place(cluster, plugin.as_str(), ""));
        if at_top {
            diagnostic = diagnostic.hint(format!(
                "set it under `config.{plugin}`, or take the plugin out with `{plugin}: null`"
            ));
        }
    }
    diagnostic
}
