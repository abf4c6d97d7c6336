//! A case: `cases/NAME/request.yaml`, with what is expected of it beside it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};
use ztgit_plugin::testing::merge_patch;
use ztgit_plugin::{Fact, FactScope, StatedFact};

use crate::diagnostic::{Diagnostics, Severity, Sources};
use crate::name::PluginName;
use crate::stack::schema::API_VERSION;
use crate::stack::{self, Stack, StackFiles};

/// What a case is written in.
const REQUEST: &str = "request.yaml";
/// The cluster of every case, before the case changes it.
const CLUSTER: &str = include_str!("../../data/trial/cluster.yaml");

/// What a plugin is asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Case {
    /// Its directory's name.
    pub name: String,
    /// Its directory, which also has what is expected.
    pub directory: PathBuf,
    request: Request,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    /// Merged into the cluster of every case.
    cluster: serde_json::Map<String, Value>,
    /// The plugin's own section.
    config: serde_json::Map<String, Value>,
    /// What other plugins state.
    facts: Vec<Given>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Given {
    provider: String,
    kind: String,
    /// Without it the fact is about the whole cluster.
    nodes: Option<Vec<String>>,
    value: Value,
}

/// Why a case cannot be put to a plugin.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// It is not what a case looks like.
    #[error("case `{case}` is no request: {problem}")]
    Invalid {
        /// The case.
        case: String,
        /// The first thing that is wrong.
        problem: String,
    },
}

/// All cases of a directory, by name.
pub fn find(directory: &Path) -> Result<Vec<Case>, CaseError> {
    let failed = |source| CaseError::Read {
        path: directory.to_owned(),
        source,
    };
    let mut cases = Vec::new();
    for entry in fs::read_dir(directory).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.join(REQUEST).is_file() {
            cases.push(Case::read(&path)?);
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}

impl Case {
    /// A case that asks for nothing in particular.
    pub fn plain() -> Self {
        Self {
            name: "without config".to_owned(),
            ..Self::default()
        }
    }

    /// The case of a directory.
    pub fn read(directory: &Path) -> Result<Self, CaseError> {
        let path = directory.join(REQUEST);
        let name = directory.file_name().unwrap_or_default().to_string_lossy();
        let bytes = fs::read(&path).map_err(|source| CaseError::Read { path, source })?;
        let request = parse(&bytes)
            .and_then(|value| serde_json::from_value(value).map_err(|error| error.to_string()));
        Ok(Self {
            name: name.clone().into_owned(),
            directory: directory.to_owned(),
            request: request.map_err(|problem| CaseError::Invalid {
                case: name.into_owned(),
                problem,
            })?,
        })
    }

    /// A stack with the case's one cluster and nothing but the plugin in it.
    pub(super) fn stack(&self, plugin: &PluginName) -> Result<Stack, CaseError> {
        let mut cluster = parse(CLUSTER.as_bytes()).expect("the cluster of cases is YAML");
        merge_patch(&mut cluster, &Value::Object(self.request.cluster.clone()));
        cluster["config"] = json!({ plugin.as_str(): self.request.config });
        let text = json!({
            "apiVersion": API_VERSION,
            "kind": "Stack",
            "metadata": {"name": "cases"},
            "spec": {
                "plugins": {plugin.as_str(): {"path": "plugin.wasm"}},
                "clusters": {"home": cluster},
            },
        });
        let file = ("stack.yaml".to_owned(), text.to_string().into_bytes());
        let (stack, found) = stack::load(&StackFiles::from_files([file]));
        match first_error(&found) {
            Some(problem) => Err(CaseError::Invalid {
                case: self.name.clone(),
                problem,
            }),
            None => Ok(stack),
        }
    }

    /// What other plugins state.
    pub(super) fn given(&self) -> Vec<StatedFact> {
        let given = self.request.facts.iter().cloned();
        given
            .map(|given| StatedFact {
                provider: given.provider,
                fact: Fact {
                    kind: given.kind,
                    scope: given.nodes.map_or(FactScope::Cluster, FactScope::Nodes),
                    value: given.value,
                },
            })
            .collect()
    }
}

fn parse(bytes: &[u8]) -> Result<Value, String> {
    let (mut sources, mut found) = (Sources::default(), Diagnostics::default());
    let node = stack::parse_file(&mut sources, REQUEST, bytes, &mut found);
    match (first_error(&found), node) {
        (None, Some(node)) => Ok(node.to_json()),
        (problem, _) => Err(problem.unwrap_or_else(|| "it is empty".to_owned())),
    }
}

/// The first error's message.
fn first_error(found: &Diagnostics) -> Option<String> {
    let mut errors = found.iter().filter(|d| d.severity == Severity::Error);
    errors.next().map(|found| found.message.clone())
}
