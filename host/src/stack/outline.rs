//! What the clusters of a stack share, and where each of them is written.
//!
//! Enters: a stack's files. Leaves: an [`Outline`], from which each cluster can be
//! loaded by itself, in any order and on any thread, so that nobody has to hold all
//! of them at once. What is wrong among clusters is found by
//! [`conclude`](Outline::conclude), from the little that it has [`Seen`] of each.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::Value;

use super::apps::App;
use super::files::{STACK_FILE, StackFiles};
use super::load::{DeclaredPlugin, StackCluster};
use super::node::{Mapping, Node, NodeValue};
use super::pieces::{Piece, Pieces};
use super::schema::API_VERSION;
use super::validate::{Schema, Subject};
use super::{parse, schemas};
use crate::check::secrets;
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources, Span};
use crate::name::PluginName;

/// Values that the clusters of one file may get from the file's defaults.
const MAX_SHARED_VALUES: usize = 1_000_000;

/// A stack without its clusters.
pub struct Outline {
    /// The stack's name.
    pub name: String,
    /// The texts that places point into.
    pub sources: Sources,
    /// The plugins that the stack lists.
    pub plugins: BTreeMap<PluginName, DeclaredPlugin>,
    pub(super) files: BTreeMap<String, FileId>,
    pub(super) spec: Node,
    pub(super) apps: Vec<App>,
    parts: Vec<Part>,
    pieces: Pieces,
    cluster_file: Schema,
    pub(super) cluster: Schema,
    /// Whether something is wrong that every cluster would show again.
    pub(super) is_broken: bool,
}

/// Where a cluster is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Under `spec.clusters` of `stack.yaml`, by this name.
    Inline(String),
    /// In a file of its own, at this path.
    File(String),
}

/// A cluster, as far as it could be loaded.
pub struct Loaded {
    /// Nothing where the file does not even say which cluster it is.
    pub seen: Option<Seen>,
    /// Nothing where too much is wrong.
    pub cluster: Option<StackCluster>,
    /// What is wrong.
    pub diagnostics: Diagnostics,
}

/// What of a cluster matters to the others.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The name that it gives itself.
    pub name: String,
    /// Where it does.
    pub key: Span,
    /// The apps that are placed on it, by name.
    pub apps: Vec<String>,
}

impl Outline {
    /// Reads what the clusters share. With errors among the diagnostics nothing may
    /// be rendered, and loading clusters is good only for finding more of them.
    pub fn open(files: &StackFiles) -> (Self, Diagnostics) {
        let mut outline = Self::of(files);
        let mut diagnostics = secrets_in(files);
        if !diagnostics.has_errors() {
            // Else whatever there is to say would show lines of these files.
            outline.read(files, &mut diagnostics);
        }
        outline.is_broken = diagnostics.has_errors();
        (outline, diagnostics)
    }

    fn of(files: &StackFiles) -> Self {
        let mut sources = Sources::default();
        let mut ids = BTreeMap::new();
        for (path, text) in files.texts() {
            ids.insert(path.to_owned(), sources.add(path, text));
        }
        let start = Span {
            file: ids.get(STACK_FILE).copied().unwrap_or_default(),
            start: 0,
            end: 0,
        };
        Self {
            name: String::new(),
            sources,
            plugins: BTreeMap::new(),
            files: ids,
            spec: empty(start),
            apps: Vec::new(),
            parts: Vec::new(),
            pieces: Pieces::default(),
            cluster_file: prepared(schemas::cluster_file()),
            cluster: prepared(schemas::cluster()),
            is_broken: false,
        }
    }

    fn read(&mut self, files: &StackFiles, diagnostics: &mut Diagnostics) {
        let schema = prepared(schemas::stack_file());
        let Some(document) = self.document(STACK_FILE, files, "Stack", &schema, diagnostics) else {
            return;
        };
        name_of(&document)
            .unwrap_or_default()
            .clone_into(&mut self.name);
        self.spec = document
            .get("spec")
            .cloned()
            .unwrap_or_else(|| empty(document.span));
        self.pieces = Pieces::of(self.sources.text(document.span.file), &self.spec);
        self.declare_plugins(diagnostics);
        if let Some(inline) = self.spec.get("clusters").and_then(Node::as_mapping) {
            if let Some(too_much) = multiplied(&self.spec, inline) {
                diagnostics.push(too_much);
                return;
            }
            self.parts.extend(inline.keys().cloned().map(Part::Inline));
        }
        self.read_apps(files, diagnostics);
        let own_files = files.yaml_in("clusters");
        self.parts
            .extend(own_files.map(|(path, _)| Part::File(path.to_owned())));
    }

    /// Where the clusters are written: in `stack.yaml` first, then by path.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The file of that path, where it is one of the stack's.
    pub fn file(&self, path: &str) -> Option<FileId> {
        self.files.get(path).copied()
    }

    /// What `stack.yaml` consists of, with where each piece is.
    pub fn pieces(&self) -> impl Iterator<Item = (&Piece, Span)> {
        let file = self.spec.span.file;
        self.pieces.iter().map(move |(piece, range)| {
            let span = Span {
                file,
                start: range.start,
                end: range.end,
            };
            (piece, span)
        })
    }

    /// The apps, in the order in which they are added to a cluster: the file of each,
    /// its name, and what says on which clusters it is placed, as JSON.
    pub fn apps(&self) -> impl Iterator<Item = (&str, &str, Value)> {
        self.apps.iter().map(|app| {
            let placement = app.placement().map(Node::to_json);
            (&*app.path, &*app.name, placement.unwrap_or_default())
        })
    }

    /// Loads a cluster.
    pub fn load(&self, part: &Part, files: &StackFiles) -> Loaded {
        let mut diagnostics = Diagnostics::default();
        let located = match part {
            Part::Inline(name) => self
                .spec
                .get("clusters")
                .and_then(Node::as_mapping)
                .and_then(|inline| inline.get(name))
                .map(|field| (name.clone(), field.key, field.node.clone())),
            Part::File(path) => self.read_cluster(path, files, &mut diagnostics),
        };
        let Some((name, key, own)) = located else {
            return Loaded {
                seen: None,
                cluster: None,
                diagnostics,
            };
        };
        let (cluster, apps) = self.merge(&name, &own, key, files, &mut diagnostics);
        Loaded {
            seen: Some(Seen { name, key, apps }),
            cluster,
            diagnostics,
        }
    }

    fn read_cluster(
        &self,
        path: &str,
        files: &StackFiles,
        diagnostics: &mut Diagnostics,
    ) -> Option<(String, Span, Node)> {
        let document = self.document(path, files, "Cluster", &self.cluster_file, diagnostics)?;
        let name = name_of(&document)?.to_owned();
        let key = document.place(["metadata", "name"]);
        let spec = document
            .get("spec")
            .cloned()
            .unwrap_or_else(|| empty(document.span));
        Some((name, key, spec))
    }

    /// What is wrong among clusters: names that are there twice, and apps that find
    /// no cluster. `is_broken` says that others may be missing for a reason that is
    /// known.
    pub fn conclude(&self, seen: &[Seen], is_broken: bool) -> Diagnostics {
        let mut diagnostics = Diagnostics::default();
        let mut clusters: BTreeMap<&str, Span> = BTreeMap::new();
        for Seen { name, key, .. } in seen {
            if let Some(first) = clusters.get(name.as_str()) {
                diagnostics.push(
                    Diagnostic::error(
                        "duplicate-cluster",
                        format!("cluster `{name}` is there twice"),
                    )
                    .at(*key)
                    .related(*first, "first here"),
                );
            } else {
                clusters.insert(name, *key);
            }
        }
        for app in &self.apps {
            app.report_unknown_clusters(&clusters, &mut diagnostics);
            if !seen.iter().any(|seen| seen.apps.contains(&app.name)) {
                app.report_unplaced(&mut diagnostics);
            }
        }
        if clusters.is_empty() && !is_broken && !self.is_broken {
            diagnostics.push(
                Diagnostic::error("no-clusters", "the stack has no clusters")
                    .at(self.spec.span)
                    .hint("add one under `spec.clusters`, or a file under clusters/"),
            );
        }
        diagnostics
    }

    /// A file with its envelope and shape checked.
    fn document(
        &self,
        path: &str,
        files: &StackFiles,
        kind: &str,
        schema: &Schema,
        diagnostics: &mut Diagnostics,
    ) -> Option<Node> {
        let bytes = files.get(path).unwrap_or_default();
        let file = self.file(path)?;
        let node = parse::parse(&self.sources, file, bytes, diagnostics)?;
        if node.as_mapping().is_none() {
            diagnostics.push(
                Diagnostic::error("not-a-document", format!("{path} holds no {kind}"))
                    .at(node.span)
                    .hint(format!(
                        "begin with `apiVersion: {API_VERSION}` and `kind: {kind}`"
                    )),
            );
            return None;
        }
        for (key, wanted) in [("apiVersion", API_VERSION), ("kind", kind)] {
            match node.get(key) {
                Some(found) if found.as_str() != Some(wanted) => diagnostics.push(
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
            diagnostics,
        );
        Some(node)
    }

    fn declare_plugins(&mut self, diagnostics: &mut Diagnostics) {
        let Some(plugins) = self.spec.get("plugins").and_then(Node::as_mapping) else {
            return;
        };
        for (name, field) in plugins {
            let Some(plugin) = PluginName::new(name).filter(|name| name.as_str() != "stack") else {
                diagnostics.push(
                    Diagnostic::error("plugin-name", format!("`{name}` cannot name a plugin"))
                        .at(field.key)
                        .hint("use lower-case letters, digits and `-`; `stack` is taken"),
                );
                continue;
            };
            let spec = serde_json::from_value(field.node.to_json()).unwrap_or_default();
            let settings = field.node.as_mapping().into_iter().flatten();
            self.plugins.insert(
                plugin,
                DeclaredPlugin {
                    spec,
                    span: field.key,
                    settings: settings
                        .map(|(key, field)| (key.clone(), field.key))
                        .collect(),
                },
            );
        }
    }

    fn read_apps(&mut self, files: &StackFiles, diagnostics: &mut Diagnostics) {
        let mut paths = files.yaml_in("apps").map(|(path, _)| path).peekable();
        if paths.peek().is_none() {
            return;
        }
        let schema = prepared(schemas::app_file());
        for path in paths {
            let Some(document) = self.document(path, files, "App", &schema, diagnostics) else {
                continue;
            };
            let Some(name) = name_of(&document) else {
                continue;
            };
            let key = document.place(["metadata", "name"]);
            if let Some(first) = self.apps.iter().find(|app| app.name == name) {
                diagnostics.push(
                    Diagnostic::error("duplicate-app", format!("app `{name}` is there twice"))
                        .at(key)
                        .related(first.key, "first here"),
                );
                continue;
            }
            self.apps.push(App::new(name, path, key, &document));
        }
    }
}

/// Names lines with secrets, and never shows them.
fn secrets_in(files: &StackFiles) -> Diagnostics {
    let all: Vec<(&str, &[u8])> = files.iter().collect();
    let found: Vec<Diagnostic> = all
        .par_iter()
        .filter_map(|(path, bytes)| {
            let found = secrets::find(bytes)?;
            let message = format!("{path}, line {}, holds {}", found.line, found.what);
            Some(
                Diagnostic::error("secret", message)
                    .hint(
                        "take it out; keys are made on the host, and the stack has the public ones",
                    )
                    .hint(
                        "if it was ever committed or pushed, treat it as known, and make another",
                    ),
            )
        })
        .collect();
    found.into_iter().collect()
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

pub(super) fn empty(span: Span) -> Node {
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
