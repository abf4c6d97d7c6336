//! Files for nodes and clients, each target with a manifest of what they are.

use std::collections::BTreeMap;

use serde::Serialize;
use ztgit_plugin::{Activation, File, FileTarget, Lifecycle};

use super::layout::Layout;
use crate::name::{PluginName, is_dns_subdomain};
use crate::plan::{GrantExceeded, Granted};
use crate::stack::schema::API_VERSION;
use crate::tree::{FileMode, Sha256, TreePath};

/// What every target gets, in the order in which the plugins gave it.
#[derive(Default)]
pub(super) struct HostFiles {
    targets: BTreeMap<FileTarget, Vec<ManifestFile>>,
}

/// `manifest.json` of a node or client.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HostManifest<'a> {
    api_version: &'static str,
    kind: &'static str,
    cluster: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a str>,
    files: &'a [ManifestFile],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ManifestFile {
    path: String,
    sha256: Sha256,
    mode: String,
    user: String,
    group: String,
    lifecycle: &'static str,
    activation: Vec<Step>,
    plugin: String,
}

/// A step of a closed list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    step: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<String>,
}

/// Takes a plugin's file.
pub(super) fn add(
    plugin: &PluginName,
    file: File,
    granted: &Granted,
    layout: &mut Layout<'_>,
) -> Result<(), GrantExceeded> {
    if let Some(problem) = problem(&file, layout) {
        layout.report_output(
            plugin,
            format!("plugin `{plugin}` gives {:?}: {problem}", file.path),
        );
        return Ok(());
    }
    granted.check_file(&file)?;
    report_refusals(plugin, &file, layout);
    let directory = directory(layout.plan.source.name.as_str(), &file.target);
    let path = format!("{directory}/files/{}", file.path.trim_start_matches('/'));
    let mode = if file.mode & 0o111 == 0 {
        FileMode::Regular
    } else {
        FileMode::Executable
    };
    let entry = ManifestFile {
        path: file.path,
        sha256: Sha256::of(&file.content),
        mode: format!("{:04o}", file.mode),
        user: file.owner.user,
        group: file.owner.group,
        lifecycle: match file.lifecycle {
            Lifecycle::Managed => "managed",
            Lifecycle::WriteOnce => "write-once",
        },
        activation: file.activation.into_iter().map(step).collect(),
        plugin: plugin.to_string(),
    };
    layout
        .hosts
        .targets
        .entry(file.target)
        .or_default()
        .push(entry);
    layout.insert(&path, file.content, mode, plugin);
    Ok(())
}

/// What of a file no host could be given.
fn problem(file: &File, layout: &Layout<'_>) -> Option<String> {
    let is_absolute = file.path.starts_with('/');
    match &file.target {
        FileTarget::Node(node) => {
            if !layout.plan.source.cluster.nodes.contains_key(node) {
                return Some(format!("there is no node `{node}`"));
            }
            if !is_absolute {
                return Some("a node's file has an absolute path".to_owned());
            }
        }
        FileTarget::Client(client) => {
            if !is_dns_subdomain(client) {
                return Some(format!("`{client}` cannot name a client"));
            }
            if is_absolute {
                return Some("a client's file has a relative path".to_owned());
            }
        }
    }
    if file.mode & !0o777 != 0 {
        return Some(format!(
            "mode {:o} has more than permission bits",
            file.mode
        ));
    }
    let relative = file.path.strip_prefix('/').unwrap_or(&file.path);
    if relative.split('/').any(|s| matches!(s, "" | "." | "..")) {
        return Some("the path is not normal".to_owned());
    }
    // Git and Flux read such files wherever they stand in a checkout.
    if TreePath::new(relative).is_ok_and(|path| path.is_reserved()) {
        return Some("a part of the path means something to git, Flux or SOPS".to_owned());
    }
    let is_name = |text: &str| {
        !text.is_empty()
            && text.len() <= 32
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b))
    };
    if !is_name(&file.owner.user) || !is_name(&file.owner.group) {
        return Some("its owner is not a user and a group by name".to_owned());
    }
    file.activation.iter().find_map(unit_problem)
}

/// A node reads files against the lists of their formats before root runs what they
/// say. What it would refuse does not get into the repository in the first place.
fn report_refusals(plugin: &PluginName, file: &File, layout: &mut Layout<'_>) {
    if let FileTarget::Node(node) = &file.target {
        for refusal in ztgit_node::refusals(&file.path, &file.content) {
            layout.report_output(
                plugin,
                format!("plugin `{plugin}` gives `{node}` a file that it would refuse: {refusal}"),
            );
        }
    }
}

/// Units and interfaces end up as arguments of commands that root runs.
fn unit_problem(step: &Activation) -> Option<String> {
    let (text, extra) = match step {
        Activation::Reload(unit) | Activation::Restart(unit) | Activation::Enable(unit) => {
            (unit, "@.:_-")
        }
        Activation::SyncWireguard(interface) => (interface, "._-"),
        Activation::DaemonReload | Activation::LoadNftables | Activation::ApplySysctl => {
            return None;
        }
    };
    let valid = !text.is_empty()
        && !text.starts_with('-')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || extra.contains(c));
    (!valid).then(|| format!("{text:?} names no unit or interface"))
}

fn step(step: Activation) -> Step {
    let (step, argument) = match step {
        Activation::DaemonReload => ("daemon-reload", None),
        Activation::Reload(unit) => ("reload", Some(unit)),
        Activation::Restart(unit) => ("restart", Some(unit)),
        Activation::Enable(unit) => ("enable", Some(unit)),
        Activation::LoadNftables => ("load-nftables", None),
        Activation::SyncWireguard(interface) => ("sync-wireguard", Some(interface)),
        Activation::ApplySysctl => ("apply-sysctl", None),
    };
    Step { step, argument }
}

/// Clients stand beside nodes; no node can be called `_clients`.
fn directory(cluster: &str, target: &FileTarget) -> String {
    match target {
        FileTarget::Node(node) => format!("hosts/{cluster}/{node}"),
        FileTarget::Client(client) => format!("hosts/{cluster}/_clients/{client}"),
    }
}

impl HostFiles {
    /// How many files there are.
    pub(super) fn count(&self) -> usize {
        self.targets.values().map(Vec::len).sum()
    }

    /// Each target's manifest with its path.
    pub(super) fn manifests(&self, cluster: &str) -> Vec<(String, Vec<u8>)> {
        self.targets
            .iter()
            .map(|(target, files)| {
                let (node, client) = match target {
                    FileTarget::Node(node) => (Some(node.as_str()), None),
                    FileTarget::Client(client) => (None, Some(client.as_str())),
                };
                let manifest = HostManifest {
                    api_version: API_VERSION,
                    kind: "HostManifest",
                    cluster,
                    node,
                    client,
                    files,
                };
                let mut bytes =
                    serde_json::to_vec_pretty(&manifest).expect("a manifest is plain JSON");
                bytes.push(b'\n');
                (
                    format!("{}/manifest.json", directory(cluster, target)),
                    bytes,
                )
            })
            .collect()
    }
}
