//! A ConfigMap with a greeting, in a namespace of its own: something to begin
//! with.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use ztgit_plugin::fact::NamespaceFact;
use ztgit_plugin::{
    Cluster, Description, Facts, Manifest, Object, Phase, Plugin, Rendering, Statement, export,
};

const NAMESPACE: &str = "my-plugin";

/// The plugin.
pub struct MyPlugin;

/// What a stack says under `config.my-plugin`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// What the greeting says.
    message: String,
}

impl Plugin for MyPlugin {
    type Config = Config;

    fn describe() -> Description {
        Description::new("my-plugin", env!("CARGO_PKG_VERSION"), "a greeting")
            .provides::<NamespaceFact>(&[NAMESPACE])
            .in_namespaces(&[NAMESPACE])
    }

    fn facts(_: &Cluster, _: &Config) -> Statement {
        let mut statement = Statement::default();
        statement.cluster(&NamespaceFact {
            name: NAMESPACE.to_owned(),
            labels: BTreeMap::new(),
        });
        statement
    }

    fn render(cluster: &Cluster, config: &Config, _: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        let message = format!("{} from {}", config.message, cluster.name);
        let greeting = Object::namespaced("v1", "ConfigMap", NAMESPACE, "greeting")
            .field("data", json!({"message": message}));
        rendering.push(Manifest::new(Phase::Apps, greeting));
        rendering
    }
}

export!(MyPlugin);
