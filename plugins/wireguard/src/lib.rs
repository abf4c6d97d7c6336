//! The wireguard plugin: an admin VPN with one node as its hub.
//!
//! In: which node is the hub, its address range, and the public keys of the
//! people's devices. Out: the hub's `wg0.conf` with the scripts that make and
//! keep its private key, a configuration for every device, and the facts from
//! which the firewall, the API server's certificate and the ban lists follow.
//!
//! Invariant: no private key is ever in a stack or in what is rendered. The
//! hub makes its own, every device makes its own, and only public keys travel.

mod client;
mod config;
mod endpoint;
mod facts;
mod hub;
mod key;
mod peer;
mod pod_route;
mod server;
mod tunnel;

use ztgit_plugin::fact::{HostPort, TlsSan, TrustedCidr};
use ztgit_plugin::{Cluster, Description, Facts, Plugin, Rendering, Statement};

pub use config::{Config, Peer};

use pod_route::PodRoute;
use tunnel::Tunnel;

/// The plugin.
pub struct Wireguard;

impl Plugin for Wireguard {
    type Config = Config;

    fn describe() -> Description {
        Description::new(
            "wireguard",
            env!("CARGO_PKG_VERSION"),
            "an admin VPN: the hub's and the devices' WireGuard files, without private keys",
        )
        .provides::<HostPort>(&["*"])
        .provides::<TrustedCidr>(&["*"])
        .provides::<TlsSan>(&["*"])
        .provides_custom(PodRoute::KIND, PodRoute::schema())
        .host_paths(&server::PATHS)
        .host_paths(&["clients/"])
    }

    fn facts(cluster: &Cluster, config: &Config) -> Statement {
        facts::state(cluster, config)
    }

    fn render(cluster: &Cluster, config: &Config, _: &Facts) -> Rendering {
        let mut rendering = Rendering::default();
        if let Some(tunnel) = Tunnel::plan(cluster, config, &mut rendering.diagnostics) {
            for file in server::files(&tunnel)
                .into_iter()
                .chain(client::files(&tunnel))
            {
                rendering.push(file);
            }
        }
        rendering
    }
}

ztgit_plugin::export!(Wireguard);
