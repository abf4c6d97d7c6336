//! The k3s plugin: how k3s itself is configured on each node.
//!
//! In go the cluster, the plugin's config and the `tls-san` facts of others.
//! Out come a fragment of k3s's configuration for every node, the files that
//! it refers to on servers, the ports that k3s needs between nodes and pods,
//! and, where the stack pins a release, the unit and a step that installs it.
//! Nothing here opens a port to the world, and nothing is a secret: tokens are
//! made and stay on the hosts.

mod audit;
mod components;
mod config;
mod fragment;
mod labels;
mod network;
mod paths;
mod pod_security;
mod ports;
mod release;
mod step;
mod subject_names;
mod topology;
mod unit;
mod yaml;

use ztgit_plugin::cluster::{Distribution, Node, NodeRole};
use ztgit_plugin::fact::{HostPort, TlsSan};
use ztgit_plugin::{
    Activation, Cluster, Description, Diagnostic, Facts, File, Plugin, Rendering, Severity,
    Statement,
};

pub use config::Config;
use fragment::Fragments;
use network::Families;
use subject_names::SubjectNames;
use topology::{Membership, Topology};

/// The plugin.
pub struct K3S;

impl Plugin for K3S {
    type Config = Config;

    fn describe() -> Description {
        Description::new(
            "k3s",
            env!("CARGO_PKG_VERSION"),
            "configures k3s on every node: no network of its own, names of the API server, hardening",
        )
        .provides::<HostPort>(&ports::GRANTS)
        .consumes::<TlsSan>()
        .host_paths(&paths::WRITTEN)
    }

    fn facts(cluster: &Cluster, _: &Config) -> Statement {
        let mut statement = Statement::default();
        if cluster.distribution == Distribution::K3s {
            ports::state(cluster, &mut statement);
        }
        statement
    }

    fn render(cluster: &Cluster, config: &Config, facts: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        if cluster.distribution != Distribution::K3s {
            rendering.report(not_k3s());
            return rendering;
        }
        let diagnostics = &mut rendering.diagnostics;
        let topology = Topology::of(cluster, config, diagnostics);
        diagnostics.extend(config.components.check());
        diagnostics.extend(
            config
                .install
                .iter()
                .filter_map(|install| install.sha256.check()),
        );
        diagnostics.extend(labels::check(cluster));
        let families = Families::of(cluster, diagnostics);
        let names = SubjectNames::gather(config, facts, diagnostics);
        let is_sound = diagnostics
            .iter()
            .all(|diagnostic| diagnostic.severity != Severity::Error);
        if let Some(topology) = topology.filter(|_| is_sound) {
            let fragments = Fragments {
                cluster,
                config,
                families: &families,
                names: &names,
            };
            let nodes = Nodes {
                fragments,
                topology,
            };
            for (name, node) in &cluster.nodes {
                let files = nodes.files(name, node);
                for file in files.expect("every node has an address of every family") {
                    rendering.push(file);
                }
            }
        }
        rendering
    }
}

fn not_k3s() -> Diagnostic {
    Diagnostic::info(
        "not-k3s",
        "this cluster does not run k3s, so the plugin renders nothing",
    )
    .at_cluster(["distribution"])
    .hint("take it out of this cluster with `k3s: null` under `config`")
}

/// What all nodes' files are made from.
struct Nodes<'a> {
    fragments: Fragments<'a>,
    topology: Topology<'a>,
}

impl Nodes<'_> {
    /// The files of one node. The step comes last: it is told of the others.
    fn files(&self, name: &str, node: &Node) -> Option<Vec<File>> {
        let Fragments {
            cluster,
            config,
            families,
            ..
        } = self.fragments;
        let membership = self.topology.membership(cluster, families, name)?;
        let fragment = self.fragments.render(name, node, &membership);
        let mut files = vec![setting(name, node.role, paths::FRAGMENT, fragment)];
        if node.role == NodeRole::Server {
            files.extend(
                config.audit.iter().map(|audit| {
                    setting(name, node.role, paths::AUDIT_POLICY, audit::policy(audit))
                }),
            );
            files.extend(config.pod_security.iter().map(|settings| {
                let admission = pod_security::admission(settings);
                setting(name, node.role, paths::ADMISSION, admission)
            }));
        }
        if let Some(install) = &config.install {
            files.push(unit(name, node.role, &membership));
            let others: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
            let step = step::render(install, node.role, &membership, &others);
            files.push(File::on_node(name, paths::STEP, step).mode(0o755));
        }
        Some(files)
    }
}

/// k3s reads its configuration only at start, and restarting it leaves the
/// running pods alone.
fn setting(node: &str, role: NodeRole, path: &str, text: String) -> File {
    File::on_node(node, path, text)
        .mode(0o600)
        .activate(Activation::Restart(paths::unit_name(role).to_owned()))
}

fn unit(node: &str, role: NodeRole, membership: &Membership) -> File {
    let name = paths::unit_name(role).to_owned();
    File::on_node(node, paths::unit(role), unit::render(role, membership))
        .activate(Activation::DaemonReload)
        .activate(Activation::Enable(name.clone()))
        .activate(Activation::Restart(name))
}

ztgit_plugin::export!(K3S);
