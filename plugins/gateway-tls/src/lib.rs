//! Gateway API and TLS: hosts go in; the Gateway API's definitions,
//! cert-manager, its issuers, a Gateway and the routes through it come out, in
//! the order in which each needs the one before.
//!
//! - [`site`]: hosts of the config that resolve; everything else takes those.
//! - [`bundle`], [`cert_manager`], [`issuer`], [`gateway`], [`route`],
//!   [`exposure`]: the objects, by the phase that they are in.
//! - [`statement`]: the facts. [`check`], [`controller`]: the findings.

mod bundle;
mod cert_manager;
mod check;
mod config;
mod controller;
mod exposure;
mod flow;
mod gateway;
mod host_name;
mod issuer;
mod reference;
mod route;
mod site;
mod statement;

use ztgit_plugin::fact::{CiliumValues, FlowFact, HostPort, NamespaceFact};
use ztgit_plugin::{Cluster, Description, Facts, Plugin, Rendering, Statement, vendored};

pub use config::{Config, Exposure, GatewaySettings, Host, TargetPort};
pub use issuer::Issuer;
pub use reference::NamespacedName;

use controller::Controller;

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
        .provides::<HostPort>(&["tcp/80", "tcp/443"])
        .provides::<CiliumValues>(&[
            "gatewayAPI",
            "envoy.securityContext.capabilities",
            "l2announcements",
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
            "CiliumLoadBalancerIPPool.cilium.io",
            "CiliumL2AnnouncementPolicy.cilium.io",
        ]);
        vendored::schemas(CERT_MANAGER_SCHEMAS)
            .into_iter()
            .fold(description, Description::schema)
    }

    fn facts(cluster: &Cluster, config: &Config) -> Statement {
        // What does not resolve is reported once, by `render`.
        let (sites, _) = site::resolve(cluster, config);
        statement::all(cluster, config, &sites)
    }

    fn render(cluster: &Cluster, config: &Config, _: &Facts) -> Rendering {
        let (sites, diagnostics) = site::resolve(cluster, config);
        let mut rendering = Rendering {
            diagnostics,
            ..Rendering::default()
        };
        rendering
            .diagnostics
            .extend(check::all(cluster, config, &sites));

        let controller = Controller::of(config);
        let definitions = controller
            .bundle(cluster)
            .into_iter()
            .flat_map(bundle::Bundle::manifests);
        let addresses = match controller {
            Controller::Cilium => exposure::manifests(config),
            Controller::Other => Vec::new(),
        };
        let manifests = definitions
            .chain(cert_manager::manifests())
            .chain(issuer::manifests(config))
            .chain(addresses)
            .chain([gateway::manifest(config, &sites)])
            .chain(sites.iter().flat_map(|site| route::manifests(config, site)));
        for manifest in manifests {
            rendering.push(manifest);
        }
        rendering
    }
}

ztgit_plugin::export!(GatewayTls);
