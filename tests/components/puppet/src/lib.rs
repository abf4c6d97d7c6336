//! States the facts and gives the objects and files that its config says, so
//! that a test can have a plugin say anything.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use ztgit_plugin::fact::{
    CiliumValues, FlowFact, HostPort, LogSource, NamespaceFact, TlsSan, TrustedCidr,
};
use ztgit_plugin::{
    Cluster, Description, Fact, FactScope, Facts, File, FileTarget, Manifest, Object, Phase,
    Plugin, Rendering, Statement, export,
};

struct Puppet;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Config {
    facts: Vec<Stated>,
    objects: Vec<Given>,
    files: Vec<Written>,
}

/// A fact about the cluster.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Stated {
    kind: String,
    value: Value,
}

/// An object; in `apps` unless it says otherwise.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    phase: Option<String>,
    object: Map<String, Value>,
}

/// A file for a client where it names one, else for a node.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    node: String,
    #[serde(default)]
    client: Option<String>,
    path: String,
    #[serde(default)]
    mode: Option<u32>,
    #[serde(default)]
    content: String,
}

impl Plugin for Puppet {
    type Config = Config;

    fn describe() -> Description {
        Description::new("puppet", "0.1.0", "says what it is told")
            .provides::<FlowFact>(&["*"])
            .provides::<HostPort>(&["*"])
            .provides::<TrustedCidr>(&["*"])
            .provides::<TlsSan>(&["*"])
            .provides::<CiliumValues>(&["*"])
            .provides::<NamespaceFact>(&["*"])
            .provides::<LogSource>(&["*"])
            .in_namespaces(&["*"])
            .cluster_kinds(&["*"])
            .host_paths(&["*"])
    }

    fn facts(_: &Cluster, config: &Config) -> Statement {
        let facts = config.facts.iter().map(|stated| Fact {
            kind: stated.kind.clone(),
            scope: FactScope::Cluster,
            value: stated.value.clone(),
        });
        Statement {
            facts: facts.collect(),
            diagnostics: Vec::new(),
        }
    }

    fn render(_: &Cluster, config: &Config, _: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        for given in &config.objects {
            let phase = given.phase.as_deref().unwrap_or("apps");
            let phase = Phase::ALL.into_iter().find(|known| known.name() == phase);
            let object = Object::from_map(given.object.clone());
            rendering.push(Manifest::new(phase.expect("a phase"), object));
        }
        for written in &config.files {
            let mut file = File::on_node(&written.node, &written.path, written.content.clone());
            if let Some(client) = &written.client {
                file.target = FileTarget::Client(client.clone());
            }
            rendering.push(file.mode(written.mode.unwrap_or(0o644)));
        }
        rendering
    }
}

export!(Puppet);
