//! Whom to call when the network is locked down and the usual ways are closed.
//!
//! The contacts of the config become a ConfigMap in a namespace of their own
//! and a message on every node, so that they are there without the network.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use ztgit_plugin::fact::NamespaceFact;
use ztgit_plugin::{
    Cluster, Description, Diagnostic, Facts, File, Manifest, Object, Phase, Plugin, Rendering,
    Statement, export,
};

const NAMESPACE: &str = "break-glass";
const MESSAGE: &str = "/etc/motd.d/break-glass";

/// The plugin.
pub struct Contacts;

/// What a stack says under `config.contacts`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Config {
    /// People by name, with the number that reaches them.
    people: BTreeMap<String, String>,
}

impl Plugin for Contacts {
    type Config = Config;

    fn describe() -> Description {
        Description::new(
            "contacts",
            env!("CARGO_PKG_VERSION"),
            "whom to call in an emergency",
        )
        .provides::<NamespaceFact>(&[NAMESPACE])
        .in_namespaces(&[NAMESPACE])
        .host_paths(&[MESSAGE])
    }

    fn facts(_: &Cluster, _: &Config) -> Statement {
        let mut statement = Statement::default();
        let namespace = NamespaceFact {
            name: NAMESPACE.to_owned(),
            labels: BTreeMap::new(),
        };
        statement.cluster(&namespace);
        statement
    }

    fn render(cluster: &Cluster, config: &Config, _: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        if config.people.len() < 2 {
            rendering.report(
                Diagnostic::warning("one-contact", "nobody stands in for the only contact")
                    .at_config(["people"])
                    .hint("name a second person"),
            );
        }
        let object = Object::namespaced("v1", "ConfigMap", NAMESPACE, "contacts")
            .field("data", json!({"contacts": list(config)}));
        rendering.push(Manifest::new(Phase::Apps, object));
        let message = format!("Locked out of {}? Call\n{}", cluster.name, list(config));
        for node in cluster.nodes.keys() {
            rendering.push(File::on_node(node, MESSAGE, message.clone()));
        }
        rendering
    }
}

fn list(config: &Config) -> String {
    let mut text = String::new();
    for (name, number) in &config.people {
        writeln!(text, "{name}: {number}").expect("a string grows");
    }
    text
}

export!(Contacts);
