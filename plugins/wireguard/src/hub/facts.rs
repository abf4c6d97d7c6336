//! What others build on: open ports, trusted addresses, names for the API
//! server's certificate, routes.
//!
//! Nothing is stated where the hub is not known; `render` says why.

use ztgit_plugin::cluster::Protocol;
use ztgit_plugin::fact::{HostPortSource, PodRoute, TlsSan, TrustedCidr};
use ztgit_plugin::{Cidr, Cluster, Statement};

use super::node::HubNode;
use crate::config::Hub;
use crate::port::{DNS, KUBERNETES_API, SSH, listener, through_tunnel};
use crate::section::Section;
use crate::site_route::{Opener, SiteRoute};
use crate::subnets::Subnets;

/// The facts about one hub.
pub(crate) fn state(cluster: &Cluster, section: Section<'_>, hub: &Hub, statement: &mut Statement) {
    let Ok(node) = HubNode::find(cluster, section, hub) else {
        return;
    };
    let interface = section.interface();
    let subnets = Subnets::new(hub.cidr, hub.cidr6);
    let open = |statement: &mut Statement, protocol, port, purpose| {
        let port = through_tunnel(interface, &subnets, (protocol, port), purpose);
        statement.nodes([node.name], &port);
    };
    let own_port = listener(hub.port.get(), HostPortSource::World);
    statement.nodes([node.name], &own_port);
    open(statement, Protocol::Tcp, SSH, "SSH over the VPN");
    for range in subnets.iter() {
        statement.cluster(&TrustedCidr {
            range: *range,
            purpose: "devices on the VPN".to_owned(),
        });
    }
    if node.serves_api() {
        // The tunnel ends on the hub, so this is the one server whose API a
        // device reaches, and its address the one that the certificate needs.
        let purpose = "Kubernetes API over the VPN";
        open(statement, Protocol::Tcp, KUBERNETES_API, purpose);
        for address in subnets.first_addresses() {
            let name = address.to_string();
            statement.cluster(&TlsSan { name });
        }
    }
    if subnets.first_addresses().any(|own| hub.dns.contains(&own)) {
        open(statement, Protocol::Udp, DNS, "DNS over the VPN");
        open(statement, Protocol::Tcp, DNS, "DNS over the VPN");
    }
    routes(interface, node.name, hub, &subnets, statement);
}

fn routes(interface: &str, node: &str, hub: &Hub, subnets: &Subnets, statement: &mut Statement) {
    let networks: Vec<Cidr> = hub
        .peers
        .values()
        .flat_map(|peer| &peer.networks)
        .copied()
        .collect();
    let everybody: Vec<Cidr> = subnets.iter().chain(&networks).copied().collect();
    if hub.pod_access {
        for range in &everybody {
            let route = PodRoute {
                interface: interface.to_owned(),
                range: *range,
                purpose: "pods over the VPN".to_owned(),
            };
            statement.nodes([node], &route);
        }
    }
    for (remote, opener) in [(everybody, Opener::Remote), (networks, Opener::Local)] {
        let route = SiteRoute {
            interface: interface.to_owned(),
            remote,
            local: hub.routes.clone(),
            opener,
            purpose: "networks over the VPN".to_owned(),
        };
        statement.facts.extend(route.on(node));
    }
}
