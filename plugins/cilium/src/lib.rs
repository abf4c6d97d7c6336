//! The cilium plugin: Cilium's installation, and identity-based policy from
//! flows.
//!
//! In go the cluster, its flows, other plugins' flows and chart values; out
//! come the Helm release in `network`, everything that allows in `allow`,
//! everything that denies in `enforce`, and on k3s the host file that brings
//! the network up before Flux exists. No policy outside `enforce` denies
//! anything by itself.

mod baseline;
mod bootstrap;
mod config;
mod enforce;
mod flow_policies;
mod flows;
mod host_ports;
mod install;
mod policy;
mod release;
mod stance;
mod values;

use ztgit_plugin::fact::{CiliumValues, FlowFact, HostPort};
use ztgit_plugin::{
    Artifact, Cluster, Description, Diagnostic, Facts, Manifest, Plugin, Rendering, Statement,
};

pub use config::{ApiServer, Config, Encryption, Hubble};

/// The plugin.
pub struct Cilium;

impl Plugin for Cilium {
    type Config = Config;

    fn describe() -> Description {
        let mut description = Description::new(
            "cilium",
            env!("CARGO_PKG_VERSION"),
            "Cilium with encryption and observation, and its policies from flows",
        )
        .provides::<HostPort>(&["*"])
        .consumes::<FlowFact>()
        .consumes::<CiliumValues>()
        .in_namespaces(&["*"])
        .cluster_kinds(&["CiliumClusterwideNetworkPolicy.cilium.io"])
        .host_paths(&[bootstrap::PATH]);
        description.schemas =
            ztgit_plugin::vendored::schemas(include_bytes!("../data/crds.json.zz"));
        description
    }

    fn facts(cluster: &Cluster, config: &Config) -> Statement {
        let mut statement = Statement::default();
        if cluster.has_cilium() {
            host_ports::state(cluster, config, &mut statement);
        }
        statement
    }

    fn render(cluster: &Cluster, config: &Config, facts: &Facts) -> Rendering {
        let release = match release::Release::of(cluster) {
            Ok(release) => release,
            Err(diagnostic) => {
                return Rendering {
                    artifacts: Vec::new(),
                    diagnostics: vec![diagnostic],
                };
            }
        };
        let mut rendering = Rendering::default();
        let (values, diagnostics) = values::chart_values(cluster, config, &release, facts);
        rendering.diagnostics.extend(diagnostics);
        rendering
            .artifacts
            .extend(install::artifacts(cluster, &release, &values));
        rendering
            .artifacts
            .extend(bootstrap::files(cluster, &release, &values));

        let (wanted, diagnostics) = flows::collect(cluster, facts);
        rendering.diagnostics.extend(diagnostics);
        let gateway = baseline::Gateway::of(&values, flows::use_gateway(&wanted));
        add(
            &mut rendering,
            baseline::manifests(cluster, config, gateway),
        );
        for flow in &wanted {
            match flow_policies::manifests(cluster, config, flow) {
                Ok(manifests) => add(&mut rendering, (manifests, Vec::new())),
                Err(diagnostics) => rendering.diagnostics.extend(diagnostics),
            }
        }
        add(&mut rendering, enforce::manifests(cluster, config));
        rendering
    }
}

fn add(rendering: &mut Rendering, (manifests, diagnostics): (Vec<Manifest>, Vec<Diagnostic>)) {
    rendering
        .artifacts
        .extend(manifests.into_iter().map(Artifact::from));
    rendering.diagnostics.extend(diagnostics);
}

ztgit_plugin::export!(Cilium);
