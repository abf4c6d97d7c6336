//! What others build on. Only what is well-formed is stated; `render` says what
//! is wrong with the rest.

use std::net::IpAddr;

use ztgit_plugin::cluster::{NodeRole, Protocol};
use ztgit_plugin::fact::{HostPortSource, TlsSan, TrustedCidr};
use ztgit_plugin::{Cidr, Cluster, Statement};

use super::member::own_address;
use crate::config::{Member, Mesh};
use crate::port::{KUBERNETES_API, listener, through_tunnel};
use crate::section::Section;
use crate::site_route::{Opener, SiteRoute};
use crate::subnets::Subnets;

/// The facts about one mesh.
pub(crate) fn state(
    cluster: &Cluster,
    section: Section<'_>,
    mesh: &Mesh,
    statement: &mut Statement,
) {
    let interface = section.interface();
    let subnets = Subnets::new(mesh.cidr, mesh.cidr6);
    let members = || {
        mesh.nodes
            .keys()
            .filter(|name| cluster.nodes.contains_key(*name))
    };
    if members().next().is_none() {
        return;
    }
    statement.nodes(members(), &listener(mesh.port.get(), senders(mesh)));
    for range in subnets.iter() {
        statement.cluster(&TrustedCidr {
            range: *range,
            purpose: "nodes over the mesh".to_owned(),
        });
    }
    let is_server = |name: &&String| cluster.nodes[*name].role == NodeRole::Server;
    let servers: Vec<_> = members().filter(is_server).collect();
    if !servers.is_empty() {
        let api = (Protocol::Tcp, KUBERNETES_API);
        let port = through_tunnel(interface, &subnets, api, "Kubernetes API over the mesh");
        statement.nodes(servers.iter().copied(), &port);
    }
    for name in servers {
        for address in addresses(cluster, mesh, name) {
            let name = address.to_string();
            statement.cluster(&TlsSan { name });
        }
    }
    for name in members() {
        routes(interface, mesh, name, &subnets, statement);
    }
}

/// Where a member is found by a name or address that the cluster does not
/// have, address translation may lie between, and the sender's is not known.
fn senders(mesh: &Mesh) -> HostPortSource {
    if mesh.nodes.values().any(|member| member.endpoint.is_some()) {
        HostPortSource::World
    } else {
        HostPortSource::Nodes
    }
}

fn addresses(cluster: &Cluster, mesh: &Mesh, name: &str) -> Vec<IpAddr> {
    let (node, member) = (&cluster.nodes[name], &mesh.nodes[name]);
    let one = |text: &Option<String>, range: Option<&Cidr>| match text {
        Some(text) => text.parse().ok(),
        None => own_address(node, range),
    };
    let first = one(&member.address, Some(&mesh.cidr));
    let second = one(&member.address6, mesh.cidr6.as_ref());
    first.into_iter().chain(second).collect()
}

/// Networks behind this member reach those behind the others, and the others
/// themselves.
fn routes(interface: &str, mesh: &Mesh, name: &str, subnets: &Subnets, statement: &mut Statement) {
    let networks = |here: bool| -> Vec<Cidr> {
        let chosen = |(other, _): &(&String, &Member)| (other.as_str() == name) == here;
        let members = mesh.nodes.iter().filter(chosen);
        members
            .flat_map(|(_, member)| &member.networks)
            .copied()
            .collect()
    };
    let remote: Vec<Cidr> = subnets.iter().copied().chain(networks(false)).collect();
    for opener in [Opener::Remote, Opener::Local] {
        let route = SiteRoute {
            interface: interface.to_owned(),
            remote: remote.clone(),
            local: networks(true),
            opener,
            purpose: "networks over the mesh".to_owned(),
        };
        statement.facts.extend(route.on(name));
    }
}
