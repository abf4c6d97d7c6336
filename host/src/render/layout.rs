//! Where everything of a cluster goes in the fleet repository.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use ztgit_lint::Item;
use ztgit_plugin::{Awaited, Health, Phase};

use super::hosts::HostFiles;
use super::{ClusterOutput, PLUGIN_OUTPUT};
use crate::check::secrets;
use crate::diagnostic::{Diagnostic, Diagnostics, Span};
use crate::fleet::Inventory;
use crate::flux::{self, Unit, UnitName};
use crate::name::PluginName;
use crate::plan::ClusterPlan;
use crate::plugin::escaped;
use crate::tree::{Entry, FileMode, OutputTree, TreePath, yaml};

/// Longest file name of an object; a longer one is cut and gets a digest.
const FILE_NAME_BYTES: usize = 200;

/// The files of a cluster as they come together.
pub struct Layout<'p> {
    pub(super) plan: &'p ClusterPlan<'p>,
    tree: OutputTree,
    units: BTreeMap<UnitName, UnitFiles>,
    pub(super) hosts: HostFiles,
    diagnostics: Diagnostics,
    objects: usize,
}

#[derive(Default)]
struct UnitFiles {
    unit: Unit,
    resources: BTreeSet<String>,
}

/// An object on its way into the tree.
pub(super) struct Placed {
    pub(super) unit: UnitName,
    pub(super) object: Value,
    pub(super) namespace: Option<String>,
    pub(super) health: Option<Health>,
}

impl<'p> Layout<'p> {
    pub(super) fn new(plan: &'p ClusterPlan<'p>) -> Self {
        Self {
            plan,
            tree: OutputTree::new(),
            units: BTreeMap::new(),
            hosts: HostFiles::default(),
            diagnostics: Diagnostics::default(),
            objects: 0,
        }
    }

    /// Whatever a plugin called things is part of messages, so they are
    /// escaped.
    pub(super) fn report(&mut self, mut diagnostic: Diagnostic) {
        diagnostic.message = escaped(&diagnostic.message);
        for hint in &mut diagnostic.hints {
            *hint = escaped(hint);
        }
        self.diagnostics
            .push(diagnostic.in_cluster(self.plan.source.name.as_str()));
    }

    /// A finding about something that a plugin gave.
    pub(super) fn report_output(&mut self, plugin: &PluginName, message: impl Into<String>) {
        let span = self.plugin_place(plugin);
        self.report(
            Diagnostic::error(PLUGIN_OUTPUT, message)
                .at(span)
                .hint(format!(
                    "this is a fault of plugin `{plugin}`, not of the stack"
                )),
        );
    }

    /// Where the stack speaks of a plugin in this cluster.
    pub(super) fn plugin_place(&self, plugin: &PluginName) -> Span {
        self.plan.source.merged.place(["config", plugin.as_str()])
    }

    fn cluster(&self) -> &str {
        self.plan.source.name.as_str()
    }

    /// Puts an object into its unit.
    pub(super) fn add_object(&mut self, placed: Placed) {
        let (api_version, kind, name) = identity(&placed.object);
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let folder = placed.namespace.as_deref().unwrap_or("_cluster");
        let resource = format!("{folder}/{}", file_name(&kind, group, &name));
        let unit = self.units.entry(placed.unit.clone()).or_default();
        unit.resources.insert(resource.clone());
        unit.unit.objects.push(flux::ObjectReference {
            api_version: api_version.clone(),
            kind: kind.clone(),
            namespace: placed.namespace,
            name,
        });
        if let Some(health) = placed.health {
            unit.unit.health.push((api_version, kind, health));
        }
        self.objects += 1;
        let directory = self.unit_directory(&placed.unit);
        let text = yaml::to_yaml(&placed.object);
        self.insert(
            &format!("{directory}/{resource}"),
            text.into_bytes(),
            FileMode::Regular,
            &placed.unit.plugin,
        );
    }

    /// An object of somebody else's that a unit waits for.
    pub(super) fn await_object(&mut self, plugin: &PluginName, awaited: Awaited) {
        let unit = UnitName {
            phase: awaited.phase,
            plugin: plugin.clone(),
        };
        self.units
            .entry(unit)
            .or_default()
            .unit
            .awaited
            .push(awaited);
    }

    fn unit_directory(&self, unit: &UnitName) -> String {
        format!(
            "rendered/{}/{}/{}",
            self.cluster(),
            unit.phase.name(),
            unit.plugin
        )
    }

    /// Puts a file into the tree; what cannot be there is reported.
    pub(super) fn insert(
        &mut self,
        path: &str,
        bytes: Vec<u8>,
        mode: FileMode,
        owner: &PluginName,
    ) {
        if let Some(secret) = secrets::find(&bytes) {
            let message = format!("{path}, line {}, holds {}", secret.line, secret.what);
            let span = self.plugin_place(owner);
            self.report(
                Diagnostic::error("secret", message)
                    .at(span)
                    .hint("refer to a Secret or to a file on the host; a repository keeps what it was given for ever"),
            );
            return;
        }
        let path = match TreePath::new(path) {
            Ok(path) => path,
            Err(error) => {
                let problem = crate::error::chain(&error);
                self.report_output(
                    owner,
                    format!("plugin `{owner}` writes {path:?}: {problem}"),
                );
                return;
            }
        };
        let entry = Entry {
            bytes,
            mode,
            owner: owner.to_string(),
        };
        if let Err(collision) = self.tree.insert(path, entry) {
            self.report_output(owner, collision.to_string());
        }
    }

    /// Writes what depends on everything else: the directories'
    /// kustomizations, Flux's objects, the hosts' manifests, the inventory.
    pub(super) fn finish(mut self, posture: Vec<Item>) -> (ClusterOutput, Diagnostics) {
        self.flux_objects();
        let hosts = std::mem::take(&mut self.hosts);
        let files = hosts.count();
        for (path, bytes) in hosts.manifests(self.cluster()) {
            self.insert_own(&path, bytes);
        }
        let inventory = Inventory::of(&self.plan.source.name, self.plan.input, &self.tree);
        let path = Inventory::path(&self.plan.source.name);
        self.insert_own(path.as_str(), inventory.to_bytes());
        let output = ClusterOutput {
            name: self.plan.source.name.clone(),
            tree: self.tree,
            inventory,
            objects: self.objects,
            files,
            posture,
        };
        (output, self.diagnostics)
    }

    fn flux_objects(&mut self) {
        // A unit that only waits has nothing that Flux could apply.
        let units: BTreeMap<UnitName, UnitFiles> = std::mem::take(&mut self.units)
            .into_iter()
            .filter(|(_, unit)| !unit.resources.is_empty())
            .collect();
        let names: BTreeSet<UnitName> = units.keys().cloned().collect();
        let cluster = self.cluster().to_owned();
        let flux = &self.plan.source.cluster.flux;
        let mut listed = Vec::new();
        for (name, files) in units {
            if !name.fits() {
                self.report_output(
                    &name.plugin,
                    format!("the unit `{name}` has a name of more than 63 characters"),
                );
                continue;
            }
            let object = flux::flux_kustomization(&name, &files.unit, &cluster, flux, &names);
            let file = format!("{name}.yaml");
            self.insert_yaml(&format!("clusters/{cluster}/ztgit/{file}"), &object);
            listed.push(file);
            let resources: Vec<String> = files.resources.into_iter().collect();
            let path = format!("{}/kustomization.yaml", self.unit_directory(&name));
            self.insert_yaml(&path, &flux::directory_kustomization(&resources));
        }
        listed.sort();
        self.insert_yaml(
            &format!("clusters/{cluster}/ztgit/kustomization.yaml"),
            &flux::directory_kustomization(&listed),
        );
    }

    fn insert_yaml(&mut self, path: &str, value: &Value) {
        self.insert_own(path, yaml::to_yaml(value).into_bytes());
    }

    fn insert_own(&mut self, path: &str, bytes: Vec<u8>) {
        self.insert(path, bytes, FileMode::Regular, &stack());
    }
}

/// The owner of what no plugin gave.
pub(super) fn stack() -> PluginName {
    PluginName::new("stack").expect("`stack` is a DNS label")
}

/// The unit of the stack's own objects in a phase.
pub(super) fn stack_unit(phase: Phase) -> UnitName {
    UnitName {
        phase,
        plugin: stack(),
    }
}

/// `apiVersion`, `kind` and `metadata.name`.
fn identity(object: &Value) -> (String, String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (
        text(&object["apiVersion"]),
        text(&object["kind"]),
        text(&object["metadata"]["name"]),
    )
}

/// `kind.group-name.yaml`; characters that no path may have are escaped.
fn file_name(kind: &str, group: &str, name: &str) -> String {
    use std::fmt::Write as _;
    let mut text = kind.to_ascii_lowercase();
    if !group.is_empty() {
        text.push('.');
        text.push_str(group);
    }
    text.push('-');
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || matches!(character, '-' | '.') {
            text.push(character);
        } else {
            let _ = write!(text, "%{:02x}", u32::from(character));
        }
    }
    if text.len() > FILE_NAME_BYTES {
        let digest = crate::tree::Sha256::of(text.as_bytes()).hex();
        text.truncate(FILE_NAME_BYTES - 17);
        text.push('-');
        text.push_str(&digest[..16]);
    }
    text.push_str(".yaml");
    text
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn an_objects_file_is_named_after_it() {
        assert_eq!(
            file_name("CiliumNetworkPolicy", "cilium.io", "web-to-api.egress"),
            "ciliumnetworkpolicy.cilium.io-web-to-api.egress.yaml"
        );
        assert_eq!(file_name("Namespace", "", "demo"), "namespace-demo.yaml");
        assert_eq!(
            file_name("ClusterRole", "rbac.authorization.k8s.io", "system:x"),
            "clusterrole.rbac.authorization.k8s.io-system%3ax.yaml"
        );
    }

    #[test]
    fn long_names_are_cut_and_stay_different() {
        let (a, b) = (
            file_name("K", "g", &"a".repeat(253)),
            file_name("K", "g", &"a".repeat(252)),
        );
        assert!(a.len() <= 255 && a != b);
    }
}
