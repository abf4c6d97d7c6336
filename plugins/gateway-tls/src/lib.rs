//! Gateway API and TLS: hosts go in; the Gateway API's definitions,
//! cert-manager, its issuers, Gateways and the routes through them come out, in
//! the order in which each needs the one before.
//!
//! - [`plan`]: the config with every reference resolved, which everything else
//!   takes; [`site`]: its hosts, [`certificate`]: where each has its own from.
//! - [`bundle`], [`cert_manager`], [`issuer`], [`access_log`], [`exposure`],
//!   [`gateway`], [`route`]: the objects, by the phase that they are in.
//! - [`statement`]: the facts. [`check`], [`controller`], [`matching`]: the
//!   findings. [`shim`]: what cert-manager makes of a Gateway.

mod access_log;
mod bundle;
mod cert_manager;
mod certificate;
mod check;
mod config;
mod controller;
mod duration;
mod exposure;
mod flow;
mod gateway;
mod host_name;
mod issuer;
mod matching;
mod plan;
mod reference;
mod route;
mod shim;
mod site;
mod statement;
mod version;

use ztgit_plugin::fact::{CiliumValues, FlowFact, HostPort, LogSource, NamespaceFact};
use ztgit_plugin::{Artifact, Cluster, Description, Facts, Plugin, Rendering, Statement, vendored};

pub use config::*;
pub use reference::NamespacedName;

use plan::Plan;

/// The plugin.
pub struct GatewayTls;

const CERT_MANAGER_SCHEMAS: &[u8] = include_bytes!("../data/cert-manager.json.zz");

impl Plugin for GatewayTls {
    type Config = Config;

    fn describe() -> Description {
        let description = Description::new(
            "gateway-tls",
            env!("CARGO_PKG_VERSION"),
            "hosts over TLS: Gateway API, cert-manager and Let's Encrypt",
        )
        .provides::<FlowFact>(&["*"])
        .provides::<NamespaceFact>(&["*"])
        // A Gateway's ports are the user's choice.
        .provides::<HostPort>(&["tcp/1-65535"])
        .provides::<LogSource>(&[access_log::PATH])
        .provides::<CiliumValues>(&[
            "gatewayAPI",
            "envoy.securityContext.capabilities",
            "l2announcements",
            "bgpControlPlane.enabled",
            "nodeIPAM",
            "defaultLBServiceIPAM",
        ])
        // The Gateway's namespace is the user's choice, and every host's route
        // is in its application's.
        .in_namespaces(&["*"])
        .cluster_kinds(&[
            "CustomResourceDefinition.apiextensions.k8s.io",
            "ValidatingAdmissionPolicy.admissionregistration.k8s.io",
            "ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io",
            "ClusterIssuer.cert-manager.io",
            "GatewayClass.gateway.networking.k8s.io",
            "CiliumLoadBalancerIPPool.cilium.io",
            "CiliumL2AnnouncementPolicy.cilium.io",
            "CiliumBGPAdvertisement.cilium.io",
            "CiliumBGPClusterConfig.cilium.io",
            "CiliumBGPPeerConfig.cilium.io",
        ]);
        vendored::schemas(CERT_MANAGER_SCHEMAS)
            .into_iter()
            .fold(description, Description::schema)
    }

    fn facts(cluster: &Cluster, config: &Config) -> Statement {
        // What does not resolve is reported once, by `render`.
        let (plan, _) = Plan::of(cluster, config);
        statement::all(&plan)
    }

    fn render(cluster: &Cluster, config: &Config, _: &Facts) -> Rendering {
        let (plan, mut diagnostics) = Plan::of(cluster, config);
        diagnostics.extend(check::all(&plan));
        Rendering {
            artifacts: artifacts(&plan),
            diagnostics,
        }
    }
}

fn artifacts(plan: &Plan<'_>) -> Vec<Artifact> {
    let definitions = controller::bundle(plan.cluster, &plan.gateways)
        .into_iter()
        .flat_map(bundle::Bundle::manifests);
    let mut artifacts: Vec<Artifact> = definitions
        .chain(cert_manager::manifests(plan))
        .chain(issuer::manifests(plan))
        .map(Artifact::from)
        .collect();
    if controller::any_of_cilium(&plan.gateways) {
        artifacts.extend(exposure::artifacts(plan));
        artifacts.extend(access_log::artifacts(plan));
    }
    let routes = plan.sites.iter().flat_map(route::manifests);
    let ingress = gateway::manifests(plan)
        .into_iter()
        .chain(issuer::certificates(plan))
        .chain(routes)
        .chain(route::tls_policies(plan));
    artifacts.extend(ingress.map(Artifact::from));
    artifacts
}

ztgit_plugin::export!(GatewayTls);
