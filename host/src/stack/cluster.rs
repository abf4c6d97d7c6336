//! A cluster: its layers merged, apps added, everything checked.

use std::collections::{BTreeMap, BTreeSet};

use super::apps::{self, App};
use super::files::StackFiles;
use super::flux;
use super::load::{PluginConfig, StackCluster, Uses};
use super::manifests;
use super::merge::merge;
use super::node::{Mapping, Node, NodeValue};
use super::outline::{Outline, empty};
use super::resolve::{self, Owner};
use super::schema::ClusterSpec;
use super::validate::Subject;
use crate::diagnostic::{Diagnostic, Diagnostics, Span, did_you_mean};
use crate::name::{ClusterName, PluginName};

impl Outline {
    /// The cluster, where it can be made out, and the apps that are placed on it.
    pub(super) fn merge(
        &self,
        name: &str,
        own: &Node,
        key: Span,
        files: &StackFiles,
        diagnostics: &mut Diagnostics,
    ) -> (Option<StackCluster>, Vec<String>) {
        let Some(name) = ClusterName::new(name) else {
            diagnostics.push(
                Diagnostic::error("cluster-name", format!("`{name}` cannot name a cluster"))
                    .at(key)
                    .hint("use lower-case letters, digits and `-`, at most 63"),
            );
            return (None, Vec::new());
        };
        let mut found = Diagnostics::default();
        let (mut merged, profiles) = merge_layers(own, key, &self.spec, &mut found);
        let mut owners: BTreeMap<String, Owner> = BTreeMap::new();
        let mut placed: Vec<&App> = Vec::new();
        for app in &self.apps {
            if app.place(name.as_str(), &mut merged, &mut owners, &mut found) {
                placed.push(app);
            }
        }
        let is_broken = self.is_broken || diagnostics.has_errors();
        let mut cluster = self.resolve(&name, merged, &owners, files, is_broken, &mut found);
        if let Some(cluster) = &mut cluster {
            cluster.uses.profiles = profiles;
            cluster.uses.apps = placed.iter().map(|app| app.path.clone()).collect();
        }
        diagnostics.extend(found.into_iter().map(|d| d.in_cluster(name.as_str())));
        (cluster, placed.iter().map(|app| app.name.clone()).collect())
    }

    fn resolve(
        &self,
        name: &ClusterName,
        merged: Node,
        owners: &BTreeMap<String, Owner>,
        files: &StackFiles,
        is_broken: bool,
        found: &mut Diagnostics,
    ) -> Option<StackCluster> {
        let json = merged.to_json();
        let repaired = self.cluster.validate(
            &Subject {
                node: &merged,
                json: &json,
            },
            found,
        );
        match serde_json::from_value::<ClusterSpec>(repaired) {
            Ok(spec) => {
                let cluster = resolve::resolve(name, &spec, &merged, found);
                apps::check_consent(&cluster, &spec, owners, &merged, found);
                let source = flux::resolve(name, &spec.flux.source, &merged, found);
                let manifests = manifests::read(&spec, &merged, files, self, found);
                let configs = self.configs(&merged, found);
                let paths = spec
                    .manifests
                    .values()
                    .map(|manifest| manifest.path.clone());
                let uses = Uses {
                    manifests: paths.collect(),
                    ..Uses::default()
                };
                Some(StackCluster {
                    name: name.clone(),
                    merged,
                    cluster,
                    source,
                    configs,
                    manifests,
                    exceptions: spec.exceptions,
                    uses,
                })
            }
            Err(error) => {
                // What is missing was said already.
                if !found.has_errors() && !is_broken {
                    found.push(
                        Diagnostic::error("invalid-value", error.to_string()).at(merged.span),
                    );
                }
                None
            }
        }
    }

    fn configs(
        &self,
        merged: &Node,
        found: &mut Diagnostics,
    ) -> BTreeMap<PluginName, PluginConfig> {
        let config = merged.get("config").and_then(Node::as_mapping);
        for (name, field) in config.into_iter().flatten() {
            let mut known = self.plugins.keys().map(PluginName::as_str);
            if known.any(|plugin| plugin == name) {
                continue;
            }
            let mut diagnostic = Diagnostic::error(
                "unknown-plugin",
                format!("the stack lists no plugin `{name}`"),
            )
            .at(field.key);
            if let Some(hint) = did_you_mean(name, self.plugins.keys().map(PluginName::as_str)) {
                diagnostic = diagnostic.hint(hint);
            }
            found.push(diagnostic);
        }
        let mut configs = BTreeMap::new();
        for plugin in self.plugins.keys() {
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

/// Defaults, then the profiles that the cluster names, then the cluster; and which
/// profiles these are.
fn merge_layers(
    own: &Node,
    key: Span,
    spec: &Node,
    found: &mut Diagnostics,
) -> (Node, BTreeSet<String>) {
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
    let mut taken = BTreeSet::new();
    let named = own
        .get("profiles")
        .or_else(|| defaults.and_then(|d| d.get("profiles")));
    if let Some(NodeValue::Sequence(names)) = named.map(|node| &node.value) {
        for node in names {
            let Some(name) = node.as_str() else { continue };
            if !taken.insert(name.to_owned()) {
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
    (merged, taken)
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
