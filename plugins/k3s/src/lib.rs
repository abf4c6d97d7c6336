//! The k3s plugin: how k3s itself is configured on each node.
//!
//! In go the cluster, the plugin's config and the `tls-san` facts of others.
//! Out come a fragment of k3s's configuration for every node, the files that
//! it refers to on servers, and the ports that k3s needs between nodes and
//! pods. Nothing here opens a port to the world, and nothing is a secret: the
//! join token stays on the hosts.

mod audit;
mod config;
mod fragment;
mod network;
mod paths;
mod pod_security;
mod ports;
mod subject_names;
mod topology;
mod yaml;

use ztgit_plugin::cluster::{Distribution, NodeRole};
use ztgit_plugin::fact::{HostPort, TlsSan};
use ztgit_plugin::{
    Activation, Cluster, Description, Diagnostic, Facts, File, Plugin, Rendering, Severity,
    Statement,
};

pub use config::Config;
use network::Families;
use subject_names::SubjectNames;

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
        .host_paths(&[paths::FRAGMENT, paths::AUDIT_POLICY, paths::ADMISSION])
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
        diagnostics.extend(topology::check(cluster));
        diagnostics.extend(config.components.check());
        let families = Families::of(cluster, diagnostics);
        let names = SubjectNames::gather(config, facts, diagnostics);
        if diagnostics
            .iter()
            .all(|diagnostic| diagnostic.severity != Severity::Error)
        {
            files(cluster, config, &families, &names, &mut rendering);
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

fn files(
    cluster: &Cluster,
    config: &Config,
    families: &Families,
    names: &SubjectNames,
    rendering: &mut Rendering,
) {
    for (name, node) in &cluster.nodes {
        let fragment = fragment::render(cluster, config, families, names, name, node);
        rendering.push(activated(
            node.role,
            File::on_node(name, paths::FRAGMENT, fragment),
        ));
        if node.role == NodeRole::Agent {
            continue;
        }
        if let Some(audit) = &config.audit {
            let policy = File::on_node(name, paths::AUDIT_POLICY, audit::policy(audit));
            rendering.push(activated(node.role, policy));
        }
        if let Some(pod_security) = &config.pod_security {
            let admission = pod_security::admission(pod_security);
            let file = File::on_node(name, paths::ADMISSION, admission);
            rendering.push(activated(node.role, file));
        }
    }
}

/// k3s reads its configuration only at start, and restarting it leaves the
/// running pods alone.
fn activated(role: NodeRole, file: File) -> File {
    let unit = match role {
        NodeRole::Server => "k3s.service",
        NodeRole::Agent => "k3s-agent.service",
    };
    file.mode(0o600)
        .activate(Activation::Restart(unit.to_owned()))
}

ztgit_plugin::export!(K3S);
