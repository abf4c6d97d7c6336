//! The wireguard plugin: VPNs for people's devices, and meshes between nodes.
//!
//! In: which nodes are hubs and members, their address ranges, and the public
//! keys of devices and nodes. Out: every interface's file with the scripts that
//! make and keep its private key, a configuration for every device, and the
//! facts from which the firewall, the API server's certificate and the ban
//! lists follow.
//!
//! Invariant: no private or preshared key is ever in a stack or in what is
//! rendered. Every node and every device makes its own, and only public keys
//! travel.

mod address;
mod collision;
mod conf;
mod config;
mod endpoint;
mod forwarding;
mod host_files;
mod hub;
mod key;
mod mesh;
mod networks;
mod port;
mod preshared;
mod section;
mod site_route;
mod subnets;
mod vpn;

use ztgit_plugin::fact::{HostPort, PodRoute, TlsSan, TrustedCidr};
use ztgit_plugin::{
    Cluster, Description, Diagnostic, Facts, Plugin, Rendering, Severity, Statement,
};

pub use config::{Config, Hub, Member, Mesh, Peer};

use site_route::SiteRoute;
use vpn::Vpn;

/// The plugin.
pub struct Wireguard;

impl Plugin for Wireguard {
    type Config = Config;

    fn describe() -> Description {
        Description::new(
            "wireguard",
            env!("CARGO_PKG_VERSION"),
            "VPNs for devices and between nodes: their WireGuard files, without private keys",
        )
        .provides::<HostPort>(&["*"])
        .provides::<TrustedCidr>(&["*"])
        .provides::<TlsSan>(&["*"])
        .provides::<PodRoute>(&["*"])
        .provides_custom(SiteRoute::KIND, SiteRoute::schema())
        .host_paths(&host_files::PATHS)
        .host_paths(&["clients/"])
    }

    fn facts(cluster: &Cluster, config: &Config) -> Statement {
        let mut statement = Statement::default();
        for (section, hub) in config.hubs() {
            hub::state(cluster, section, hub, &mut statement);
        }
        for (section, mesh) in config.meshes() {
            mesh::state(cluster, section, mesh, &mut statement);
        }
        statement
    }

    fn render(cluster: &Cluster, config: &Config, _: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        let vpn = Vpn::plan(cluster, config, &mut rendering.diagnostics);
        let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
        if rendering.diagnostics.iter().any(is_error) {
            return rendering;
        }
        let clients = vpn.tunnels.iter().flat_map(hub::client_files);
        for file in host_files::files(&vpn).into_iter().chain(clients) {
            rendering.push(file);
        }
        rendering
    }
}

ztgit_plugin::export!(Wireguard);
