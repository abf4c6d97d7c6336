//! What others build on: open ports, trusted addresses, names for the API
//! server's certificate.
//!
//! Nothing is stated where the hub is not known; `render` says why.

use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{HostPort, HostPortSource, TlsSan, TrustedCidr};
use ztgit_plugin::{Cluster, Statement};

use crate::config::Config;
use crate::hub::{Hub, INTERFACE, server_address};
use crate::pod_route::PodRoute;

const SSH: u16 = 22;
const KUBERNETES_API: u16 = 6443;

/// The facts of one cluster.
pub(crate) fn state(cluster: &Cluster, config: &Config) -> Statement {
    let mut statement = Statement::default();
    let Ok(hub) = Hub::find(cluster, config) else {
        return statement;
    };
    let on_hub = [hub.node];
    statement.nodes(on_hub, &listener(config.port.get()));
    statement.nodes(on_hub, &through_tunnel(config, SSH, "SSH over the VPN"));
    statement.cluster(&TrustedCidr {
        range: config.cidr,
        purpose: "devices on the VPN".to_owned(),
    });
    if hub.serves_api() {
        // The tunnel ends on the hub, so this is the one server whose API a
        // device reaches, and the one address that the certificate needs.
        statement.nodes(
            on_hub,
            &through_tunnel(config, KUBERNETES_API, "Kubernetes API over the VPN"),
        );
        statement.cluster(&TlsSan {
            name: server_address(&config.cidr).to_string(),
        });
    }
    if config.pod_access {
        let route = PodRoute {
            interface: INTERFACE.to_owned(),
            range: config.cidr,
            purpose: "pods over the VPN".to_owned(),
        };
        statement.facts.push(route.on(hub.node));
    }
    statement
}

fn listener(port: u16) -> HostPort {
    HostPort {
        protocol: Protocol::Udp,
        port,
        end_port: None,
        from: HostPortSource::World,
        purpose: "WireGuard".to_owned(),
    }
}

fn through_tunnel(config: &Config, port: u16, purpose: &str) -> HostPort {
    HostPort {
        protocol: Protocol::Tcp,
        port,
        end_port: None,
        from: HostPortSource::Ranges {
            ranges: vec![config.cidr],
            interface: Some(INTERFACE.to_owned()),
        },
        purpose: purpose.to_owned(),
    }
}
