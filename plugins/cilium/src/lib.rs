//! The cilium plugin: Cilium's installation, and identity-based policy from
//! flows.
//!
//! In go the cluster, its flows, other plugins' flows and chart values; out
//! come the Helm release in `network`, everything that allows in `allow`,
//! everything that denies in `enforce`, and on k3s the host file that brings
//! the network up before Flux exists. No policy outside `enforce` denies
//! anything by itself.

mod admission;
mod baseline;
mod bootstrap;
mod config;
mod context;
mod cover;
mod enforce;
mod flow_policies;
mod flows;
mod host_ports;
mod install;
mod monitoring;
mod network_policy;
mod overlap;
mod policies;
mod policy;
mod probes;
mod release;
mod stance;
mod values;

use ztgit_plugin::fact::{CiliumValues, FlowFact, HostPort, NamespaceFact};
use ztgit_plugin::{
    Artifact, Cluster, Description, Diagnostic, Facts, Manifest, Plugin, Rendering, Statement,
};

pub use config::{
    Admission, AdmissionMode, ApiServer, Backend, Bootstrap, Config, Encryption, Hubble,
    Monitoring, Probes,
};

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
        .provides::<NamespaceFact>(&["*"])
        .consumes::<FlowFact>()
        .consumes::<CiliumValues>()
        .in_namespaces(&["*"])
        .cluster_kinds(&[
            "CiliumClusterwideNetworkPolicy.cilium.io",
            "ValidatingAdmissionPolicy.admissionregistration.k8s.io",
            "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io",
        ])
        .host_paths(&[bootstrap::PATH, probes::SCRIPT]);
        description.schemas = [
            include_bytes!("../data/crds.json.zz").as_slice(),
            include_bytes!("../data/helm-controller.json.zz"),
            include_bytes!("../data/prometheus-operator.json.zz"),
        ]
        .into_iter()
        .flat_map(ztgit_plugin::vendored::schemas)
        .collect();
        description
    }

    fn facts(cluster: &Cluster, config: &Config) -> Statement {
        let mut statement = Statement::default();
        if cluster.has_cilium() {
            host_ports::state(cluster, config, &mut statement);
            admission::state(cluster, &config.admission, &mut statement);
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
            .extend(bootstrap::artifacts(cluster, config, &release, &values));
        add(
            &mut rendering,
            monitoring::manifests(cluster, config, &values),
        );

        let context = context::Context {
            cluster,
            config,
            values: &values,
        };
        let policies = policies::render(&context, facts);
        rendering.artifacts.extend(policies.artifacts);
        rendering.diagnostics.extend(policies.diagnostics);
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
