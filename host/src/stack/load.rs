//! Files to a [`Stack`].

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use ztgit_plugin::Cluster;

use super::apps::{self, App};
use super::files::{STACK_FILE, StackFiles};
use super::flux;
use super::manifests::{self, HandWritten};
use super::merge::merge;
use super::node::{Mapping, Node, NodeValue};
use super::resolve::{self, Owner};
use super::schema::{API_VERSION, ClusterSpec, ExceptionSpec, PluginSpec};
use super::validate::{Schema, Subject};
use super::{parse, schemas};
use crate::check::secrets;
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, Span, did_you_mean};
use crate::name::{ClusterName, PluginName};
use crate::tree::Sha256;

/// A stack, merged and checked.
#[derive(Debug, Default)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// sha256 of all its files.
    pub digest: Option<Sha256>,
    /// The texts that places point into.
    pub sources: Sources,
    /// The plugins that it lists.
    pub plugins: BTreeMap<PluginName, DeclaredPlugin>,
    /// Its clusters, by name.
    pub clusters: Vec<StackCluster>,
}

/// A plugin as the stack lists it.
#[derive(Debug)]
pub struct DeclaredPlugin {
    /// Source and grants.
    pub spec: PluginSpec,
    /// Where it is listed.
    pub span: Span,
}

/// A cluster of a stack.
#[derive(Debug)]
pub struct StackCluster {
    /// Its name.
    pub name: ClusterName,
    /// Everything merged, with places.
    pub merged: Node,
    /// The cluster as plugins see it.
    pub cluster: Cluster,
    /// What Flux there pulls.
    pub source: flux::Source,
    /// The config of every plugin that takes part.
    pub configs: BTreeMap<PluginName, PluginConfig>,
    /// Hand-written objects.
    pub manifests: Vec<HandWritten>,
    /// Findings that are accepted.
    pub exceptions: BTreeMap<String, ExceptionSpec>,
}

/// A plugin's config in a cluster.
#[derive(Debug)]
pub struct PluginConfig {
    /// As JSON; an empty map where the stack says nothing.
    pub json: Value,
    /// With places.
    pub node: Node,
}

/// Loads a stack. Where the diagnostics have errors, the stack is incomplete
/// and good only for finding more of them.
pub fn load(files: &StackFiles) -> (Stack, Diagnostics) {
    let mut loader = Loader {
        stack: Stack {
            digest: Some(files.digest()),
            ..Stack::default()
        },
        diagnostics: Diagnostics::default(),
    };
    loader.load(files);
    (loader.stack, loader.diagnostics)
}

/// Values that the clusters of one file may get from the file's defaults.
const MAX_SHARED_VALUES: usize = 1_000_000;

struct Loader {
    stack: Stack,
    diagnostics: Diagnostics,
}

impl Loader {
    fn load(&mut self, files: &StackFiles) {
        self.report_secrets(files);
        if self.diagnostics.has_errors() {
            // Whatever else there is to say would show lines of these files.
            return;
        }
        let bytes = files.get(STACK_FILE).unwrap_or_default();
        let stack_schema = prepared(schemas::stack_file());
        let Some(document) = self.document(STACK_FILE, bytes, "Stack", &stack_schema) else {
            return;
        };
        name_of(&document)
            .unwrap_or_default()
            .clone_into(&mut self.stack.name);
        let spec = document
            .get("spec")
            .cloned()
            .unwrap_or_else(|| empty(document.span));
        self.declare_plugins(&spec);

        let mut clusters: BTreeMap<String, (Node, Span)> = BTreeMap::new();
        if let Some(inline) = spec.get("clusters").and_then(Node::as_mapping) {
            if let Some(too_much) = multiplied(&spec, inline) {
                self.diagnostics.push(too_much);
                return;
            }
            for (name, field) in inline {
                clusters.insert(name.clone(), (field.node.clone(), field.key));
            }
        }
        self.cluster_files(files, &mut clusters);
        let apps = self.app_files(files);

        for app in &apps {
            app.report_unknown_clusters(&clusters, &mut self.diagnostics);
        }
        let schema = prepared(schemas::cluster());
        for (name, (node, key)) in clusters {
            self.cluster(&name, &node, key, &spec, &apps, &schema, files);
        }
        if self.stack.clusters.is_empty() && !self.diagnostics.has_errors() {
            self.diagnostics.push(
                Diagnostic::error("no-clusters", "the stack has no clusters")
                    .at(spec.span)
                    .hint("add one under `spec.clusters`, or a file under clusters/"),
            );
        }
        for app in &apps {
            app.report_unplaced(&mut self.diagnostics);
        }
    }

    /// A file with its envelope and shape checked.
    fn document(&mut self, name: &str, bytes: &[u8], kind: &str, schema: &Schema) -> Option<Node> {
        let node = parse::parse(&mut self.stack.sources, name, bytes, &mut self.diagnostics)?;
        if node.as_mapping().is_none() {
            self.diagnostics.push(
                Diagnostic::error("not-a-document", format!("{name} holds no {kind}"))
                    .at(node.span)
                    .hint(format!(
                        "begin with `apiVersion: {API_VERSION}` and `kind: {kind}`"
                    )),
            );
            return None;
        }
        for (key, wanted) in [("apiVersion", API_VERSION), ("kind", kind)] {
            match node.get(key) {
                Some(found) if found.as_str() != Some(wanted) => self.diagnostics.push(
                    Diagnostic::error("wrong-kind", format!("`{key}` here is `{wanted}`"))
                        .at(found.span),
                ),
                _ => {}
            }
        }
        let json = without_nulls(&node);
        schema.validate(
            &Subject {
                node: &node,
                json: &json,
            },
            &mut self.diagnostics,
        );
        Some(node)
    }

    fn declare_plugins(&mut self, spec: &Node) {
        let Some(plugins) = spec.get("plugins").and_then(Node::as_mapping) else {
            return;
        };
        for (name, field) in plugins {
            let Some(plugin) = PluginName::new(name).filter(|name| name.as_str() != "stack") else {
                self.diagnostics.push(
                    Diagnostic::error("plugin-name", format!("`{name}` cannot name a plugin"))
                        .at(field.key)
                        .hint("use lower-case letters, digits and `-`; `stack` is taken"),
                );
                continue;
            };
            let spec = serde_json::from_value(field.node.to_json()).unwrap_or_default();
            self.stack.plugins.insert(
                plugin,
                DeclaredPlugin {
                    spec,
                    span: field.key,
                },
            );
        }
    }

    fn cluster_files(&mut self, files: &StackFiles, clusters: &mut BTreeMap<String, (Node, Span)>) {
        let schema = prepared(schemas::cluster_file());
        for (path, bytes) in files.yaml_in("clusters") {
            let Some(document) = self.document(path, bytes, "Cluster", &schema) else {
                continue;
            };
            let Some(name) = name_of(&document) else {
                continue;
            };
            let key = document.place(["metadata", "name"]);
            if let Some((_, first)) = clusters.get(name) {
                self.diagnostics.push(
                    Diagnostic::error(
                        "duplicate-cluster",
                        format!("cluster `{name}` is there twice"),
                    )
                    .at(key)
                    .related(*first, "first here"),
                );
                continue;
            }
            let spec = document
                .get("spec")
                .cloned()
                .unwrap_or_else(|| empty(document.span));
            clusters.insert(name.to_owned(), (spec, key));
        }
    }

    fn app_files(&mut self, files: &StackFiles) -> Vec<App> {
        let schema = prepared(schemas::app_file());
        let mut found: Vec<App> = Vec::new();
        for (path, bytes) in files.yaml_in("apps") {
            let Some(document) = self.document(path, bytes, "App", &schema) else {
                continue;
            };
            let Some(name) = name_of(&document) else {
                continue;
            };
            let key = document.place(["metadata", "name"]);
            if let Some(first) = found.iter().find(|app| app.name == name) {
                self.diagnostics.push(
                    Diagnostic::error("duplicate-app", format!("app `{name}` is there twice"))
                        .at(key)
                        .related(first.key, "first here"),
                );
                continue;
            }
            found.push(App::new(name, key, &document));
        }
        found
    }

    #[expect(clippy::too_many_arguments, reason = "all that a cluster is made of")]
    fn cluster(
        &mut self,
        name: &str,
        own: &Node,
        key: Span,
        spec: &Node,
        apps: &[App],
        schema: &Schema,
        files: &StackFiles,
    ) {
        let Some(name) = ClusterName::new(name) else {
            self.diagnostics.push(
                Diagnostic::error("cluster-name", format!("`{name}` cannot name a cluster"))
                    .at(key)
                    .hint("use lower-case letters, digits and `-`, at most 63"),
            );
            return;
        };
        let mut found = Diagnostics::default();
        let mut merged = merge_layers(own, key, spec, &mut found);
        let mut owners: BTreeMap<String, Owner> = BTreeMap::new();
        for app in apps {
            app.place(name.as_str(), &mut merged, &mut owners, &mut found);
        }
        let json = merged.to_json();
        let repaired = schema.validate(
            &Subject {
                node: &merged,
                json: &json,
            },
            &mut found,
        );
        match serde_json::from_value::<ClusterSpec>(repaired) {
            Ok(spec) => {
                let cluster = resolve::resolve(&name, &spec, &merged, &mut found);
                apps::check_consent(&cluster, &spec, &owners, &merged, &mut found);
                let source = flux::resolve(&name, &spec.flux.source, &merged, &mut found);
                let manifests =
                    manifests::read(&spec, &merged, files, &mut self.stack.sources, &mut found);
                let configs = self.configs(&merged, &mut found);
                self.stack.clusters.push(StackCluster {
                    name: name.clone(),
                    merged,
                    cluster,
                    source,
                    configs,
                    manifests,
                    exceptions: spec.exceptions,
                });
            }
            Err(error) if !found.has_errors() && !self.diagnostics.has_errors() => {
                found.push(Diagnostic::error("invalid-value", error.to_string()).at(merged.span));
            }
            // What is missing was said already.
            Err(_) => {}
        }
        self.diagnostics
            .extend(found.into_iter().map(|d| d.in_cluster(name.as_str())));
    }

    /// Names lines with secrets, and never shows them.
    fn report_secrets(&mut self, files: &StackFiles) {
        for (path, bytes) in files.iter() {
            let Some(found) = secrets::find(bytes) else {
                continue;
            };
            let message = format!("{path}, line {}, holds {}", found.line, found.what);
            self.diagnostics.push(
                Diagnostic::error("secret", message)
                    .hint(
                        "take it out; keys are made on the host, and the stack has the public ones",
                    )
                    .hint(
                        "if it was ever committed or pushed, treat it as known, and make another",
                    ),
            );
        }
    }

    fn configs(
        &self,
        merged: &Node,
        found: &mut Diagnostics,
    ) -> BTreeMap<PluginName, PluginConfig> {
        let config = merged.get("config").and_then(Node::as_mapping);
        if let Some(config) = config {
            for (name, field) in config {
                if !self
                    .stack
                    .plugins
                    .keys()
                    .any(|plugin| plugin.as_str() == name)
                {
                    let mut diagnostic = Diagnostic::error(
                        "unknown-plugin",
                        format!("the stack lists no plugin `{name}`"),
                    )
                    .at(field.key);
                    if let Some(hint) =
                        did_you_mean(name, self.stack.plugins.keys().map(PluginName::as_str))
                    {
                        diagnostic = diagnostic.hint(hint);
                    }
                    found.push(diagnostic);
                }
            }
        }
        let mut configs = BTreeMap::new();
        for plugin in self.stack.plugins.keys() {
            let node = match config.and_then(|config| config.get(plugin.as_str())) {
                Some(field) if field.node.value == NodeValue::Null => continue,
                Some(field) => field.node.clone(),
                None => empty(merged.span),
            };
            configs.insert(
                plugin.clone(),
                PluginConfig {
                    json: node.to_json(),
                    node,
                },
            );
        }
        configs
    }
}

fn repeated_profile(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(
        "repeated-profile",
        format!("profile `{name}` is taken already"),
    )
    .at(span)
    .hint("name a profile once; the last of several that say the same thing wins")
}

/// Defaults, then the profiles that the cluster names, then the cluster.
fn merge_layers(own: &Node, key: Span, spec: &Node, found: &mut Diagnostics) -> Node {
    let mut merged = empty(key);
    let defaults = spec.get("defaults");
    // What is no map was reported with its file; `home:` alone takes all
    // from the defaults.
    let mut add = |part: &Node| {
        if part.as_mapping().is_some() {
            merge(&mut merged, part);
        }
    };
    if let Some(defaults) = defaults {
        add(defaults);
    }
    let named = own
        .get("profiles")
        .or_else(|| defaults.and_then(|d| d.get("profiles")));
    if let Some(NodeValue::Sequence(names)) = named.map(|node| &node.value) {
        let mut taken = BTreeSet::new();
        for node in names {
            let Some(name) = node.as_str() else { continue };
            if !taken.insert(name) {
                found.push(repeated_profile(name, node.span));
                continue;
            }
            let profiles = spec.get("profiles").and_then(Node::as_mapping);
            match profiles.and_then(|profiles| profiles.get(name)) {
                Some(profile) => add(&profile.node),
                None => found.push(unknown_profile(name, node.span, profiles)),
            }
        }
    }
    add(own);
    // Where nothing better is known, the cluster's own name is the place.
    merged.span = key;
    merged
}

fn unknown_profile(name: &str, span: Span, profiles: Option<&Mapping>) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("unknown-profile", format!("there is no profile `{name}`")).at(span);
    let known = profiles
        .into_iter()
        .flat_map(BTreeMap::keys)
        .map(String::as_str);
    match did_you_mean(name, known) {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

/// Every cluster of a file gets all that the file's defaults say, so a small
/// file could ask for far more than a large one.
fn multiplied(spec: &Node, inline: &Mapping) -> Option<Diagnostic> {
    let shared = spec.get("defaults").map_or(0, Node::count);
    let values = inline.len() * shared;
    (values > MAX_SHARED_VALUES).then(|| {
        Diagnostic::error(
            "yaml-budget",
            format!(
                "{} clusters with {shared} default values each are too many for one file",
                inline.len()
            ),
        )
        .at(spec.key_place(&[""; 0], "clusters"))
        .hint("give each cluster a file of its own under clusters/")
    })
}

fn prepared(schema: Value) -> Schema {
    Schema::new(schema).expect("ztgit's own schemas are valid")
}

fn name_of(document: &Node) -> Option<&str> {
    document.get("metadata")?.get("name")?.as_str()
}

fn empty(span: Span) -> Node {
    Node {
        value: NodeValue::Mapping(Mapping::new()),
        span,
    }
}

/// A part that is merged into others may say `null` for anything.
fn without_nulls(node: &Node) -> Value {
    let mut json = node.to_json();
    strip_nulls(&mut json);
    json
}

fn strip_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(strip_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(strip_nulls),
        _ => {}
    }
}
